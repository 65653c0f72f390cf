// Evaluates the kernel's headers with the C compiler: an oracle that shares no code with the library.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A query of the headers. */
export interface HeaderQuestions {
  /** Headers such as `'linux/dm-ioctl.h'`. */
  readonly headers: readonly string[];
  /** C expressions: `'DM_VERSION'`, `'sizeof(struct dm_ioctl)'`. A macro that the headers lack is omitted from the result. */
  readonly expressions: readonly string[];
  /** Lines before the headers, for example to simulate another architecture. */
  readonly prologue?: string;
}

/** The values by expression, or the reason for their absence. */
export type HeaderAnswers =
  | { readonly values: ReadonlyMap<string, number>; readonly reason?: undefined }
  | { readonly values?: undefined; readonly reason: string };

const MACRO = /^\w+$/;

const printLine = (expression: string): string => {
  const print = `printf("%s\\t%llu\\n", ${JSON.stringify(expression)}, (unsigned long long)(${expression}));`;
  return MACRO.test(expression) ? `#ifdef ${expression}\n${print}\n#endif` : print;
};

/** Compile and run a program that prints every expression, and return its output. */
export function askHeaders({
  headers,
  expressions,
  prologue = '',
}: HeaderQuestions): HeaderAnswers {
  const source = [
    prologue,
    ...['stdio.h', 'stddef.h', ...headers].map((header) => `#include <${header}>`),
    'int main(void) {',
    ...expressions.map(printLine),
    'return 0; }\n',
  ].join('\n');
  const dir = mkdtempSync(join(tmpdir(), 'dmts-headers-'));
  try {
    const program = join(dir, 'ask');
    const gcc = spawnSync('gcc', ['-x', 'c', '-', '-o', program], {
      input: source,
      encoding: 'utf8',
    });
    if (gcc.error) return { reason: `no C compiler: ${gcc.error.message}` };
    if (gcc.status !== 0) return { reason: `the headers do not compile: ${gcc.stderr}` };
    const { stdout } = spawnSync(program, { encoding: 'utf8' });
    const lines = stdout.trimEnd().split('\n');
    return {
      values: new Map(
        lines.map((line): [string, number] => {
          const [expression = '', value] = line.split('\t');
          return [expression, Number(value)];
        }),
      ),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
