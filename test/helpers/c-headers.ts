// Asks the C compiler what the kernel's headers say: an oracle that shares no line with our code.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What to ask of the headers. */
export interface HeaderQuestions {
  /** `'linux/dm-ioctl.h'` and the like. */
  readonly headers: readonly string[];
  /** C expressions: `'DM_VERSION'`, `'sizeof(struct dm_ioctl)'`. A macro the headers lack is left out of the answer. */
  readonly expressions: readonly string[];
  /** Lines to put before the headers, to look at them as another architecture would. */
  readonly prologue?: string;
}

/** The answers by expression, or the reason why there are none. */
export type HeaderAnswers =
  | { readonly values: ReadonlyMap<string, number>; readonly reason?: undefined }
  | { readonly values?: undefined; readonly reason: string };

const MACRO = /^\w+$/;

const printLine = (expression: string): string => {
  const print = `printf("%s\\t%llu\\n", ${JSON.stringify(expression)}, (unsigned long long)(${expression}));`;
  return MACRO.test(expression) ? `#ifdef ${expression}\n${print}\n#endif` : print;
};

/** Compile a program that prints every expression, run it, and give what it printed. */
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
