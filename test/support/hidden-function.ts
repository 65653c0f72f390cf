// Simulates a C library that lacks a function, with a preloaded library whose dlsym(3) does not find it.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { tempDir } from './temp-dir.ts';

const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void *dlsym(void *handle, const char *name) {
  static void *(*next)(void *, const char *);
  /* The symbol versions of dlsym in glibc: since the merge of libdl, and the first one on x86-64. */
  if (!next) next = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
  if (!next) next = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
  const char *hidden = getenv("HIDDEN_FUNCTION");
  return hidden && strcmp(name, hidden) == 0 ? NULL : next(handle, name);
}
`;

/** The environment for a program whose libc lacks the function `name`. */
export function withoutFunction(t: ExecutionContext, name: string): NodeJS.ProcessEnv {
  const library = join(tempDir(t), 'hide.so');
  const gcc = spawnSync('gcc', ['-x', 'c', '-shared', '-fPIC', '-', '-o', library, '-ldl'], {
    input: SOURCE,
    encoding: 'utf8',
  });
  if (gcc.error) throw gcc.error;
  t.is(gcc.status, 0, gcc.stderr);
  return { ...process.env, LD_PRELOAD: library, HIDDEN_FUNCTION: name };
}
