// The operations as command lines of dmsetup and of dmts, whose words are the same here. "%" is the number of the sample.

import { LINEAR_LENGTH, ORIGIN, type Place, POOL, THIN_LENGTH } from './place.ts';

/** The words of an operation; `;` separates two commands. */
export function commandWords(
  word: string,
  { poolDev, disk }: Place,
  longTable: string,
): readonly string[] {
  const message = (text: string): readonly string[] => ['message', POOL, '0', ...text.split(' ')];
  const create = (table: string): readonly string[] => ['create', 'bench-%', '--table', table];
  const lines: Readonly<Record<string, readonly string[]>> = {
    version: ['version'],
    status: ['status', 'bench-fixed'],
    suspend_resume: ['suspend', 'bench-fixed', ';', 'resume', 'bench-fixed'],
    create_thin: message('create_thin %'),
    create_snap: message(`create_snap % ${ORIGIN}`),
    create_linear: create(`0 ${LINEAR_LENGTH} linear ${disk} 0`),
    activate: create(`0 ${THIN_LENGTH} thin ${poolDev} %`),
    remove: ['remove', 'bench-%'],
    deactivate: ['remove', 'bench-%'],
    load_long: ['load', 'bench-long', longTable],
    read_long: ['table', 'bench-long'],
    list: ['ls'],
  };
  const words = lines[word];
  if (words === undefined) throw new Error(`cannot measure ${word}: it has no command`);
  return words;
}

/** A line for processes.c: each command starts with the words of its program. */
export const processLine = (
  samples: number,
  program: readonly string[],
  words: readonly string[],
): string =>
  [
    String(samples),
    ...program,
    ...words.flatMap((word) => (word === ';' ? [word, ...program] : [word])),
  ].join('\t');
