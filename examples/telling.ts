// How the examples tell what they do, and how they are interrupted.

import { readdir, readFile } from 'node:fs/promises';

/** The first Ctrl-C aborts it: the story ends where it is, and everything is taken down. A second one kills. */
export const interrupt: AbortController = new AbortController();
process.once('SIGINT', () => interrupt.abort());

const WIDTH = 11;

/** Tell something. */
export const say = (what: string, words: string): void =>
  console.log(`${what.padEnd(WIDTH)}${words}`);

/** Tell what was done, and go on unless somebody pressed Ctrl-C. */
export function done(what: string, words: string): void {
  say(what, words);
  interrupt.signal.throwIfAborted();
}

/** Tell several lines of one thing. */
export const doneAll = (what: string, lines: Iterable<string>): void =>
  [...lines].forEach((line, index) => {
    done(index === 0 ? what : '', line);
  });

/** Loop devices that stand on a file below `directory`. */
export async function loopsOn(directory: string): Promise<readonly string[]> {
  const loops = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
  const backing = await Promise.all(
    loops.map((loop) => readFile(`/sys/block/${loop}/loop/backing_file`, 'utf8').catch(() => '')),
  );
  return loops.filter((_, i) => backing[i]?.startsWith(directory));
}
