// The remedy for a filesystem that cannot be mounted or written.

import test from 'ava';
import { SyscallError } from '../../../../src/index.ts';
import { type ErrnoCode, errnoNumber } from '../../../../src/ioctl/libc/errno.ts';
import {
  type FilesystemFacts,
  filesystemAdvice,
} from '../../../../src/storage/filesystem/filesystem-advice.ts';

const FULL = { state: 'out-of-data', advice: 'Grow its data device' } as const;
const OK = { state: 'ok', advice: undefined } as const;
const repair = (program: string): string =>
  `If the filesystem is damaged, activate the device without mounting it and run "${program}" on it`;

type Row = readonly [code: ErrnoCode, facts: Partial<FilesystemFacts>, advice: string | undefined];

const ROWS: readonly Row[] = [
  ['EUCLEAN', { type: 'ext4' }, repair('e2fsck -f')],
  ['EUCLEAN', { type: 'xfs' }, repair('xfs_repair')],
  [
    'EIO',
    { type: 'xfs', lines: ['XFS (dm-1): a', 'XFS (dm-1): b'] },
    `The kernel log says: XFS (dm-1): a; XFS (dm-1): b. ${repair('xfs_repair')}`,
  ],
  ['EIO', { type: 'xfs', health: undefined }, repair('xfs_repair')],
  ['EIO', { type: 'xfs', health: FULL }, 'The pool is out-of-data. Grow its data device'],
  ['EROFS', { type: 'ext4', health: FULL }, 'The pool is out-of-data. Grow its data device'],
  ['ENOSPC', { type: 'ext4', health: FULL }, 'The pool is out-of-data. Grow its data device'],
  [
    'ENOENT',
    { type: 'xfs', lines: ['XFS (dm-1): Failed to read root inode 0x80, error 2'] },
    `The kernel log says: XFS (dm-1): Failed to read root inode 0x80, error 2. ${repair('xfs_repair')}`,
  ],
  ['ENOENT', { type: 'xfs' }, undefined],
  ['ENOSPC', { type: 'ext4' }, undefined],
  ['EINVAL', { type: 'ext4', health: FULL }, undefined],
  [
    'EINVAL',
    { type: 'ext4', lines: ['EXT4-fs (dm-1): bad option'] },
    'The kernel log says: EXT4-fs (dm-1): bad option',
  ],
];

for (const [index, [code, facts, advice]] of ROWS.entries()) {
  test(`${index}: ${code} of ${facts.type}, the pool ${facts.health?.state ?? 'as usual'}`, (t) => {
    const error = new SyscallError({ syscall: 'mount', errno: errnoNumber(code), path: '/mnt' });
    t.is(filesystemAdvice(error, { type: 'ext4', lines: [], health: OK, ...facts }), advice);
  });
}
