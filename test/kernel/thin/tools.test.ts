// The installed thin-provisioning-tools, on metadata that the tests create. The kernel does not matter, but only
// the guest is certain to have the programs.

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readMetadata } from '../../../src/thin/metadata/superblock.ts';
import { parseThinDump } from '../../../src/thin/tools/thin-dump.ts';
import { thinCheck, thinDelta, thinDump, thinLs } from '../../../src/thin/tools/tools.ts';
import { assertNothingLeft, attach, MiB, scratch, sparseFile } from '../../support/kernel/loops.ts';
import { signed } from '../../support/thin/metadata-block.ts';
import { all, DUMP_0_9, piecesOf } from '../../support/thin/tool-output/documents.ts';

/**
 * Create metadata with the content of the dump, on a loop device: the tools open it without a page cache, which does not
 * work for a file on tmpfs before Linux 6.6.
 */
async function restored(t: ExecutionContext, dump: string): Promise<string> {
  const { path } = await attach(t, sparseFile(4 * MiB));
  const xml = join(scratch, 'dump.xml');
  writeFileSync(xml, dump);
  execFileSync('/usr/sbin/thin_restore', ['-i', xml, '-o', path]);
  return path;
}

/** Overwrite a metadata block. */
function overwrite(path: string, block: number, bytes: Uint8Array): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, 4096 * block);
  closeSync(fd);
}

test('a dump equals the restored metadata', async (t) => {
  const path = await restored(t, DUMP_0_9);
  const expected = await all(parseThinDump(piecesOf(DUMP_0_9, 10)));
  t.deepEqual(await all(thinDump(path)), expected);
  t.deepEqual(
    await all(thinDump(path, { mappings: false })),
    expected.filter(({ kind }) => kind !== 'mapping'),
  );
  const ofSeven = await all(thinDump(path, { devices: [7] }));
  t.deepEqual(
    ofSeven,
    expected.filter(
      (item) =>
        item.kind === 'superblock' || (item.kind === 'device' ? item.id : item.device) === 7,
    ),
  );
  t.like(await readMetadata(path), {
    state: 'pool',
    superblock: { transactionId: 5n, blockSize: 128n, dataBlocks: 1000n, dataBlocksUsed: 12n },
  });
});

test('thin devices, and the blocks that they share', async (t) => {
  const thins = await all(thinLs(await restored(t, DUMP_0_9)));
  t.deepEqual(
    thins.map(({ id, mappedBlocks, exclusiveBlocks, sharedBlocks }) => [
      id,
      mappedBlocks,
      exclusiveBlocks,
      sharedBlocks,
    ]),
    [
      [1, 10n, 1n, 9n],
      [7, 11n, 2n, 9n],
      [9, 0n, 0n, 0n],
    ],
  );
});

test('the differences between two thin devices', async (t) => {
  const path = await restored(t, DUMP_0_9);
  const [superblock, ...ranges] = await all(thinDelta(path, 1, 7));
  t.like(superblock, { kind: 'superblock', blockSize: 128n });
  t.deepEqual(ranges, [
    { kind: 'same', begin: 0n, length: 8n },
    { kind: 'same', begin: 20n, length: 1n },
    { kind: 'left_only', begin: 40n, length: 1n },
    { kind: 'right_only', begin: 60n, length: 2n },
  ]);
  await t.throwsAsync(all(thinDelta(path, 1, 77)), {
    code: 'ERR_THIN_MISSING',
    message: /thin id 77: the pool has no thin device 77/,
  });
});

test('valid metadata and damaged metadata', async (t) => {
  const path = await restored(t, DUMP_0_9);
  t.like(await thinCheck(path), { ok: true, exitCode: 0 });
  t.like(await thinCheck(path, { skipMappings: true }), { ok: true, exitCode: 0 });

  const mappings = Number(readFileSync(path).readBigUInt64LE(320));
  overwrite(path, mappings, Buffer.alloc(4096, 7));
  const { ok, exitCode, text } = await thinCheck(path);
  t.deepEqual({ ok, exitCode }, { ok: false, exitCode: 1 });
  t.regex(text, /checksum/);
  await t.throwsAsync(all(thinDump(path)), {
    code: 'ERR_DMTS_TOOL',
    message: /^thin_dump failed with exit status 1: metadata contains errors/,
  });
});

test('thin_check clears needs_check', async (t) => {
  const path = await restored(t, DUMP_0_9);
  const block = readFileSync(path).subarray(0, 4096);
  block.writeUInt32LE(1, 4);
  overwrite(path, 0, signed(block));
  t.like(await readMetadata(path), { superblock: { needsCheck: true } });
  t.like(await thinCheck(path, { clearNeedsCheck: true }), { ok: true });
  t.like(await readMetadata(path), { superblock: { needsCheck: false } });
});

test('a metadata snapshot is read instead of the live metadata', async (t) => {
  const path = await restored(t, DUMP_0_9);
  await t.throwsAsync(all(thinDump(path, { metadataSnap: true })), {
    message: 'thin_dump failed with exit status 1: no current metadata snap',
  });
  // Like reserve_metadata_snap: a copy of the superblock in a separate block, and a reference to it.
  const held = 900n;
  const copy = Buffer.from(readFileSync(path).subarray(0, 4096));
  copy.writeBigUInt64LE(held, 8);
  copy.writeBigUInt64LE(4n, 48);
  overwrite(path, Number(held), signed(copy));
  const block = readFileSync(path).subarray(0, 4096);
  block.writeBigUInt64LE(held, 56);
  overwrite(path, 0, signed(block));

  t.like(await readMetadata(path), { superblock: { heldRoot: held, transactionId: 5n } });
  const [current] = await all(thinDump(path));
  const [snapped] = await all(thinDump(path, { metadataSnap: true }));
  t.like(current, { transactionId: 5n });
  t.like(snapped, { transactionId: 4n });
  t.is((await all(thinLs(path, { metadataSnap: true }))).length, 3);
  t.is((await all(thinDelta(path, 1, 7, { metadataSnap: true }))).length, 5);
});

test('nothing is left', assertNothingLeft);
