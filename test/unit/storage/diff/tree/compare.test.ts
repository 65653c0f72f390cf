// The conditions under which a file counts as unchanged without reading it.

import type { BigIntStats } from 'node:fs';
import test from 'ava';
import { isSame } from '../../../../../src/storage/diff/tree/compare.ts';
import { openTop } from '../../../../../src/storage/diff/tree/directory.ts';
import { emptyLower, put } from '../../../../support/storage/diff/tree.ts';

const MS = 1_000_000n;
const SNAPSHOT = 1_700_000_000_000n * MS;

const ROWS: readonly (readonly [
  title: string,
  ctime: bigint,
  snapshotTime: bigint | undefined,
  read: boolean,
])[] = [
  ['older than the snapshot', SNAPSHOT - 11n * MS, SNAPSHOT, false],
  ['one clock tick older than the snapshot', SNAPSHOT - 10n * MS, SNAPSHOT, true],
  ['as old as the snapshot', SNAPSHOT, SNAPSHOT, true],
  ['newer than the snapshot', SNAPSHOT + 1000n * MS, SNAPSHOT, true],
  ['of any age, without a known snapshot', 1n, undefined, true],
];

for (const [title, ctimeNs, snapshotTime, read] of ROWS) {
  test(`a file with the same inode number and times in both trees: ${title}`, (t) => {
    const { lower, upper } = emptyLower(t);
    put(lower, 'file', 'below');
    put(upper, 'file', 'above');
    using one = openTop(upper);
    using other = openTop(lower);
    // The result of lstat for two snapshots that changed the same file within one clock tick.
    const found = one.look('file');
    const stats = { ...found, ctimeNs, mtimeNs: ctimeNs } as BigIntStats;
    const same = isSame(
      { directory: one, name: 'file', stats },
      { directory: other, name: 'file', stats },
      { snapshotTime },
    );
    t.is(same, !read, read ? 'the contents differ' : 'the contents are not read');
  });
}
