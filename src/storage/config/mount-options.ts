// Translates the options of mount(8) into flags of mount(2); the rest goes to the filesystem. Source: mount(8),
// "filesystem-independent mount options"; pkg/mount of moby.

import type { MountFlag } from '../../ioctl/file/mount.ts';

/** Each option, its flag, and whether it sets or clears the flag. */
const WORDS: Readonly<Record<string, readonly [MountFlag | undefined, boolean]>> = {
  defaults: [undefined, true],
  ro: ['ro', true],
  rw: ['ro', false],
  nosuid: ['nosuid', true],
  suid: ['nosuid', false],
  nodev: ['nodev', true],
  dev: ['nodev', false],
  noexec: ['noexec', true],
  exec: ['noexec', false],
  sync: ['sync', true],
  async: ['sync', false],
  dirsync: ['dirsync', true],
  mand: ['mand', true],
  nomand: ['mand', false],
  noatime: ['noatime', true],
  atime: ['noatime', false],
  nodiratime: ['nodiratime', true],
  diratime: ['nodiratime', false],
  relatime: ['relatime', true],
  norelatime: ['relatime', false],
  strictatime: ['strictatime', true],
  nostrictatime: ['strictatime', false],
};

/** Splits options into flags of mount(2) and data for the filesystem. */
export function splitMountOptions(options: readonly string[]): {
  readonly flags: readonly MountFlag[];
  readonly data: string;
} {
  const flags = new Set<MountFlag>();
  const data: string[] = [];
  for (const word of options
    .join(',')
    .split(',')
    .filter((word) => word !== '')) {
    const known = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (known === undefined) data.push(word);
    else if (known[0] !== undefined) flags[known[1] ? 'add' : 'delete'](known[0]);
  }
  return { flags: [...flags], data: data.join(',') };
}
