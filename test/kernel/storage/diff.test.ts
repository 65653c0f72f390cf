// The differences between a snapshot and its origin, on filesystems that keep inode numbers and change times in both.

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mount, unmount } from '../../../src/ioctl/file/mount.ts';
import { applyDiff } from '../../../src/storage/diff/apply-diff.ts';
import { diffSize } from '../../../src/storage/diff/changes.ts';
import { packDiff } from '../../../src/storage/diff/pack-diff.ts';
import { MiB, openDm, output, scratchDirectory } from '../../support/kernel/scratch.ts';
import { testPool, testThin } from '../../support/kernel/thin.ts';
import { clockStep, letters, tellTree } from '../../support/storage/diff/tree.ts';

const FILES = 20_000;
const DIRECTORIES = 200;
/** Sectors; mkfs.xfs needs at least 300 MiB. */
const LENGTH = (320 * MiB) / 512;

const KINDS = [
  {
    type: 'ext4',
    mkfs: ['mkfs.ext4', '-q', '-E', 'lazy_itable_init=1,nodiscard'],
    data: undefined,
  },
  { type: 'xfs', mkfs: ['mkfs.xfs', '-q', '-K'], data: 'nouuid' },
] as const;

/** Indexes of files that are rewritten with the same size and get this modification time again, in seconds. */
const PUT_BACK = [13, 14];
const OLD = 1_000_000_000;

const fileAt = (i: number): string => `d${i % DIRECTORIES}/f${i}`;

async function mounted(
  t: ExecutionContext,
  source: string,
  kind: (typeof KINDS)[number],
): Promise<string> {
  const target = join(scratchDirectory(t), 'mnt');
  mkdirSync(target);
  const { type, data } = kind;
  await mount({ source, target, type, ...(data !== undefined && { data }) });
  t.teardown(() => unmount(target));
  return target;
}

function fill(root: string): void {
  for (let i = 0; i < DIRECTORIES; i++) mkdirSync(join(root, `d${i}`));
  for (let i = 0; i < FILES; i++) writeFileSync(join(root, fileAt(i)), `content of ${i}`);
  for (const i of PUT_BACK) utimesSync(join(root, fileAt(i)), OLD, OLD);
}

/** Change ten files in ten directories, each in another way. */
function change(root: string): string[] {
  const at = (i: number): string => join(root, fileAt(i));
  for (const i of [10, 11, 12]) appendFileSync(at(i), ' and more');
  for (const i of PUT_BACK) {
    writeFileSync(at(i), `CONTENT of ${i}`);
    utimesSync(at(i), OLD, OLD);
  }
  chmodSync(at(15), 0o4755);
  for (const i of [16, 17]) rmSync(at(i));
  for (const i of [18, 19]) writeFileSync(join(root, `d${i}/new`), 'new');
  const lines = Array.from({ length: 10 }, (_, i) => `C /d${i + 10}`);
  for (const i of [10, 11, 12, 13, 14, 15]) lines.push(`C /${fileAt(i)}`);
  lines.push('D /d16/f16', 'D /d17/f17', 'A /d18/new', 'A /d19/new');
  const path = (line: string): string => line.slice(2);
  return lines.sort((a, b) => (path(a) < path(b) ? -1 : 1));
}

/** The files that a separate process opens to find the changes. */
function opened(t: ExecutionContext, upper: string, lower: string, snapshotTime: bigint): string[] {
  const trace = join(scratchDirectory(t), 'trace');
  const module = new URL('../../../src/storage/diff/changes.js', import.meta.url).href;
  const program = `import { changes } from '${module}';
    for await (const _ of changes('${upper}', '${lower}', { snapshotTime: ${snapshotTime}n }));`;
  const calls = ['--seccomp-bpf', '-e', 'trace=open,openat,openat2', '-o', trace];
  const run = [process.execPath, '--input-type=module', '-e', program];
  execFileSync('strace', ['-f', '-qq', ...calls, ...run]);
  const lines = readFileSync(trace, 'utf8').matchAll(/"[^"]*\/(f\d+)", /g);
  return [...new Set([...lines].map(([, name]) => name!))].sort();
}

for (const kind of KINDS) {
  test.serial(`${FILES} files on ${kind.type}, ten of them changed in a snapshot`, async (t) => {
    t.timeout(15 * 60_000);
    const dm = await openDm(t);
    const { pool } = await testPool(t, dm, {
      dataSize: BigInt(512 * MiB),
      metadataSize: BigInt(8 * MiB),
    });
    const base = await testThin(pool, 0, LENGTH);
    output(kind.mkfs[0], ...kind.mkfs.slice(1), base.path);
    const lower = await mounted(t, base.path, kind);
    fill(lower);
    execFileSync('sync');
    const snapshotTime = BigInt(Date.now()) * 1_000_000n;
    const snapshots: string[] = [];
    for (const id of [1, 2]) {
      await pool.createSnap(id, 0);
      snapshots.push(
        await mounted(t, (await pool.activateThin(id, { length: LENGTH })).path, kind),
      );
    }
    const [upper, other] = snapshots as [string, string];

    const expected = change(upper);
    execFileSync('sync');
    const start = performance.now();
    t.deepEqual(await letters(upper, lower, { snapshotTime }), expected);
    t.log(`changes found in ${Math.round(performance.now() - start)} ms`);

    // No unchanged file is opened; of the changed ones, only those whose attributes are all equal.
    t.deepEqual(opened(t, upper, lower, snapshotTime), ['f13', 'f14']);

    const { bytes, tarBytes } = await applyDiff(other, packDiff(upper, lower));
    t.is(bytes, await diffSize(upper, lower));
    t.log(`${bytes} bytes of content in a tar of ${tarBytes}`);
    t.deepEqual(await letters(other, upper), []);
    t.deepEqual(tellTree(other), tellTree(upper));
  });
}

for (const kind of KINDS) {
  test.serial(
    `two snapshots of one ${kind.type}, changed within the same clock tick`,
    async (t) => {
      const dm = await openDm(t);
      const { pool } = await testPool(t, dm, {
        dataSize: BigInt(512 * MiB),
        metadataSize: BigInt(8 * MiB),
      });
      const base = await testThin(pool, 0, LENGTH);
      output(kind.mkfs[0], ...kind.mkfs.slice(1), base.path);
      const origin = await mounted(t, base.path, kind);
      const names = Array.from({ length: 50 }, (_, i) => `f${i}`);
      for (const name of names) writeFileSync(join(origin, name), 'origin');
      execFileSync('sync');
      await clockStep();
      const snapshotTime = BigInt(Date.now()) * 1_000_000n;
      const trees: string[] = [];
      for (const id of [1, 2]) {
        await pool.createSnap(id, 0);
        const { path } = await pool.activateThin(id, { length: LENGTH });
        trees.push(await mounted(t, path, kind));
      }
      const [one, other] = trees as [string, string];
      let alike = 0;
      for (const name of names) {
        writeFileSync(join(one, name), 'changed one');
        writeFileSync(join(other, name), 'changed two');
        const [a, b] = [one, other].map((tree) => lstatSync(join(tree, name), { bigint: true }));
        if (a!.ino === b!.ino && a!.ctimeNs === b!.ctimeNs) alike++;
      }
      t.log(`${alike} of ${names.length} files have the same inode number and ctime in both`);
      const expected = names.map((name) => `C /${name}`).sort();
      t.deepEqual(await letters(one, other, { snapshotTime }), expected);
      t.deepEqual(await letters(one, other), expected);
    },
  );
}
