// The man pages: one for dmts, and one for each group of commands.

import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { Term } from '../../src/cli/help/help.ts';
import { LIKE_DMSETUP, NAMES, PROGRAM_EXAMPLES, SIZES, TABLES } from '../../src/cli/help-topics.ts';
import { programFor } from '../../src/cli/program.ts';
import { descriptionOf } from '../../src/cli/support/describe.ts';
import {
  ABBREVIATION,
  DMSETUP_OPTIONS,
  IGNORED_OPTIONS,
} from '../../src/cli/support/dmsetup-options.ts';
import { STORAGE_OPTION_NAMES } from '../../src/storage/config/option-table.ts';
import { manPage, nameOf, type PageTexts, type Release } from './page.ts';

/** dmts with all commands. */
export const wholeTree = (): Promise<Command> =>
  programFor([], {
    stdout: { write: () => undefined },
    stderr: { write: () => undefined },
    stdin: Readable.from([]),
    env: {},
    isTTY: false,
    signal: new AbortController().signal,
  });

const NODE: Term = ['/dev/mapper/control', 'the control node of the device mapper'];
const THIN: Term = [
  '/dev/mapper/POOL-ID',
  'the node of an active thin device without a name of its own',
];

const PROGRAM: Omit<PageTexts, 'examples'> = {
  purpose: 'drive the Linux device mapper',
  description: [
    'dmts sends the requests of ioctl(2) to the kernel itself. It uses neither libdevmapper nor dmsetup(8).',
    LIKE_DMSETUP,
    NAMES,
    SIZES,
    TABLES,
  ],
  options: DMSETUP_OPTIONS.map(([flags, text]) => [flags, `with the verbs of dmsetup: ${text}`]),
  afterOptions: [
    `The verbs of dmsetup also accept the following options. An option has no effect on a verb that does not list it: ${IGNORED_OPTIONS.join(', ')}.`,
    ABBREVIATION,
  ],
  files: [
    NODE,
    ['/dev/mapper/NAME', 'a link to the node of the device NAME'],
    ['/dev/dm-MINOR', 'the node of a device'],
    ['/run/udev/control', 'if it exists, udevd runs, and dmts waits for udev after a change'],
  ],
  seeAlso: [
    ...['dmts-pool(8)', 'dmts-storage(8)', 'dmts-volume(8)', 'dmts-thin(8)'],
    ...['dmsetup(8)', 'lsblk(8)', 'udev(7)', 'ioctl(2)'],
  ],
};

const GROUPS: Readonly<Record<string, Omit<PageTexts, 'examples'>>> = {
  pool: {
    purpose: 'create and manage thin pools',
    description: [SIZES],
    files: [NODE, ['/dev/mapper/POOL', 'the node of an active pool']],
    seeAlso: [
      ...['dmts(8)', 'dmts-thin(8)', 'dmsetup(8)', 'fstrim(8)', 'losetup(8)'],
      ...['thin_check(8)', 'thin_delta(8)', 'thin_repair(8)', 'lvmthin(7)'],
    ],
  },
  thin: {
    purpose: 'manage the thin devices and snapshots of a thin pool',
    description: [SIZES],
    files: [NODE, THIN],
    seeAlso: [
      ...['dmts(8)', 'dmts-pool(8)', 'dmsetup(8)', 'resize2fs(8)', 'xfs_growfs(8)'],
      ...['thin_check(8)', 'lvmthin(7)'],
    ],
  },
  storage: {
    purpose: "manage layers in Docker's devicemapper storage",
    description: [
      `The options of --storage-opt are those of dockerd(8): ${STORAGE_OPTION_NAMES.join(', ')}. The storage does not record them: give the same ones to each command.`,
    ],
    files: [
      ['/var/lib/docker/devicemapper', "Docker's own storage"],
      ['DIR/metadata/', 'the records: one for each layer, and one for the last intent'],
      ['DIR/devicemapper/data', "the sparse file of the pool's data, without dm.datadev"],
      [
        'DIR/devicemapper/metadata',
        "the sparse file of the pool's metadata, without dm.metadatadev",
      ],
      ['DIR/mnt/ID/rootfs', 'the content of a mounted layer'],
      NODE,
    ],
    seeAlso: [
      ...['dmts(8)', 'dmts-pool(8)', 'dockerd(8)', 'dmsetup(8)', 'lvmthin(7)', 'mkfs.ext4(8)'],
      ...['mkfs.xfs(8)', 'mount(8)', 'tar(1)'],
    ],
  },
  volume: {
    purpose: 'manage disks of virtual machines by name',
    description: [SIZES],
    files: [
      ['DIR/pool.json', 'the name of the pool, and the paths of its data and metadata'],
      ['DIR/data', "the sparse file of the pool's data, without --data"],
      ['DIR/metadata', "the sparse file of the pool's metadata, without --metadata"],
      ['DIR/volumes/', 'the records: one for each volume'],
      ['DIR/spares/', 'one file for each thin device of an incomplete change'],
      ['/dev/mapper/POOL-NAME', 'the node of an active volume'],
      NODE,
    ],
    seeAlso: [
      ...['dmts(8)', 'dmts-pool(8)', 'dmts-thin(8)', 'e2fsck(8)', 'qemu-img(1)'],
      ...['resize2fs(8)', 'xfs_growfs(8)'],
    ],
  },
};

/** The source of each page, by its file name: `dmts-pool.8`. */
export async function manPages(release: Release): Promise<ReadonlyMap<string, string>> {
  const program = await wholeTree();
  const texts = { ...PROGRAM, examples: PROGRAM_EXAMPLES };
  const pages = new Map([[`${nameOf(program)}.8`, await manPage(program, texts, release)]]);
  for (const group of program.commands.filter(({ commands }) => commands.length > 0)) {
    const { examples } = descriptionOf(group)!;
    const page = await manPage(group, { ...GROUPS[group.name()]!, examples }, release);
    pages.set(`${nameOf(group)}.8`, page);
  }
  return pages;
}
