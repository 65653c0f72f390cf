// A directory with the /proc, /sys and /dev of a machine.

import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { HolderPlaces } from '../../../src/block/holder-places.ts';
import { parseDev } from '../../../src/dm/wire/device-number.ts';
import { tempDir } from '../temp-dir.ts';

/** Paths below the directory with their text; `-> ` marks the target of a link, in which `/dev/` is that of the tree. */
export type Tree = Readonly<Record<string, string>>;

/** Create the tree. @returns the block devices of its `dev` by name: `{ sdb: '8:16' }` */
export function machineTree(
  t: ExecutionContext,
  tree: Tree,
  devices: Readonly<Record<string, string>>,
): Required<HolderPlaces> {
  const root = tempDir(t);
  const places = ['proc', 'sys', 'dev'].map((name) => join(root, name));
  for (const place of places) mkdirSync(place);
  for (const name of Object.keys(devices)) writeFileSync(join(root, 'dev', name), '');
  for (const [path, text] of Object.entries(tree)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (text.startsWith('-> '))
      symlinkSync(text.slice(3).replace(/^\/dev\//, `${root}/dev/`), file);
    else writeFileSync(file, text);
  }
  const [procDir = '', sysDir = '', devDir = ''] = places;
  const blockDeviceAt = async (path: string): Promise<bigint | undefined> => {
    try {
      const dev = devices[basename(realpathSync(path))];
      return dev === undefined ? undefined : parseDev(dev);
    } catch {
      return undefined; // a dangling link, as for stat(2)
    }
  };
  return { procDir, sysDir, devDir, blockDeviceAt };
}
