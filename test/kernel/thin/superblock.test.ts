import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import test from 'ava';
import { readStart } from '../../../src/ioctl/file/read-start.ts';
import { inspectMetadata, readMetadata } from '../../../src/thin/metadata/superblock.ts';
import { assertNothingLeft, attach, sparseFile } from '../../support/kernel/loops.ts';
import { restoredSuperblock } from '../../support/thin/metadata-block.ts';

test('a read sees data that was written below the page cache, and data that is still in the cache', async (t) => {
  const file = sparseFile();
  const { path } = await attach(t, file, { directIo: false });
  const held = openSync(path, 'r+');
  t.teardown(() => closeSync(held));
  const cached = (): Buffer => {
    const bytes = Buffer.alloc(4096);
    readSync(held, bytes, 0, 4096, 0);
    return bytes;
  };
  t.deepEqual(inspectMetadata(cached()), { state: 'unformatted' });

  // Like the kernel code of the pool: not through the cache of this device.
  await using backing = await open(file, 'r+');
  await backing.write(restoredSuperblock(), 0, 4096, 0);
  t.deepEqual(inspectMetadata(cached()), { state: 'unformatted' });
  const { state } = await readMetadata(path);
  t.is(state, 'pool');

  writeSync(held, Buffer.alloc(4096, 7), 0, 4096, 0);
  t.deepEqual(await readMetadata(path), { state: 'foreign', what: undefined });
});

test('a device smaller than the read', async (t) => {
  const file = sparseFile(10_240);
  writeFileSync(file, Buffer.alloc(10_240, 7));
  const { path } = await attach(t, file, { directIo: false });
  t.deepEqual(await readStart(path, 131_072), Buffer.alloc(10_240, 7));
});

test('nothing is left', assertNothingLeft);
