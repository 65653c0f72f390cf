// The words of mount(8) as flags of mount(2), and the rest for the filesystem itself.
// Source: mount(8), "filesystem-independent mount options"; pkg/mount of moby.

import type { MountFlag } from '../ioctl/mount.ts';

/** Each word, the flag it means, and whether it sets or clears that. */
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

/** Options as mount(2) takes them: a word that it has no flag for is the filesystem's. */
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
