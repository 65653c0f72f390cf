// The output of the examples, and the handling of Ctrl-C.

import { readdir, readFile } from 'node:fs/promises';

/** The first Ctrl-C aborts: the example stops and removes everything. A second one kills the process. */
export const interrupt: AbortController = new AbortController();
process.once('SIGINT', () => interrupt.abort());

const WIDTH = 11;

/** Print a line. */
export const say = (what: string, words: string): void =>
  console.log(`${what.padEnd(WIDTH)}${words}`);

/** Print what was done. @throws the reason of the abort after Ctrl-C */
export function done(what: string, words: string): void {
  say(what, words);
  interrupt.signal.throwIfAborted();
}

/** Print several lines under one heading. */
export const doneAll = (what: string, lines: Iterable<string>): void =>
  [...lines].forEach((line, index) => {
    done(index === 0 ? what : '', line);
  });

/** Loop devices whose file is below `directory`. */
export async function loopsOn(directory: string): Promise<readonly string[]> {
  const loops = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
  const backing = await Promise.all(
    loops.map((loop) => readFile(`/sys/block/${loop}/loop/backing_file`, 'utf8').catch(() => '')),
  );
  return loops.filter((_, i) => backing[i]?.startsWith(directory));
}
