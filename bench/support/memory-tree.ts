// A directory tree in memory, for the walk of a layer without the cost of a filesystem.

import type { BigIntStats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Directory } from '../../src/storage/diff/tree/directory.ts';

const stats = (ino: number, mode: number): BigIntStats =>
  ({ ino: BigInt(ino), dev: 1n, mode: BigInt(mode), nlink: 1n, size: 10n }) as BigIntStats;

const DIRECTORY = stats(1, 0o040755);

/** A directory of `directories` directories with `files` files each. Each look takes a turn of the event loop. */
export function memoryTree(directories: number, files: number): Directory {
  const inner = directoryOf(
    new Map(
      Array.from({ length: files }, (_, i) => [`some-file-${files - i}.txt`, stats(i, 0o100644)]),
    ),
  );
  const names = Array.from({ length: directories }, (_, i) => `directory-${directories - i}`);
  return directoryOf(new Map(names.map((name) => [name, DIRECTORY])), () => inner);
}

function directoryOf(
  entries: ReadonlyMap<string, BigIntStats>,
  below?: (name: string) => Directory,
): Directory {
  const directory = {
    look: async (name: string) => {
      await setImmediate();
      return name === '.' ? DIRECTORY : entries.get(name);
    },
    names: async () => [...entries.keys()],
    below,
    [Symbol.dispose]: () => undefined,
  };
  return directory as unknown as Directory;
}
