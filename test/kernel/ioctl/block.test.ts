import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import test from 'ava';
import {
  blockDeviceSize,
  discardBlocks,
  flushBlockDevice,
  logicalBlockSize,
} from '../../../src/ioctl/device/block.ts';
import {
  allocated,
  assertNothingLeft,
  attach,
  MiB,
  sparseFile,
} from '../../support/kernel/loops.ts';

const SIZE = 16 * MiB;

/** Fill a device with one byte value, through to its backing file. */
function fill(path: string, byte: number): void {
  const fd = openSync(path, 'r+');
  for (let at = 0; at < SIZE; at += MiB) writeSync(fd, Buffer.alloc(MiB, byte), 0, MiB, at);
  fsyncSync(fd);
  closeSync(fd);
}

for (const size of [512, MiB, SIZE, SIZE + 512, 5_000_000_000_512]) {
  test(`the size of a device of ${size} bytes`, async (t) => {
    const { path } = await attach(t, sparseFile(size), { directIo: false });
    t.is(await blockDeviceSize(path), BigInt(size));
  });
}

test('the logical block size is 512 by default', async (t) => {
  const { path } = await attach(t, sparseFile(), { directIo: false });
  t.is(await logicalBlockSize(path), 512);
});

test('a discard punches a hole in the requested range only', async (t) => {
  const file = sparseFile(SIZE);
  const { path } = await attach(t, file);
  fill(path, 0x5a);
  t.true(allocated(file) >= SIZE, `${allocated(file)} bytes allocated`);

  await discardBlocks(path, { start: BigInt(4 * MiB), length: BigInt(8 * MiB) });
  t.true(allocated(file) <= 8 * MiB + 65536, `${allocated(file)} bytes allocated`);
  t.true(allocated(file) >= 8 * MiB - 65536, `${allocated(file)} bytes allocated`);

  const content = readFileSync(file);
  t.true(content.subarray(0, 4 * MiB).every((byte) => byte === 0x5a));
  t.true(content.subarray(4 * MiB, 12 * MiB).every((byte) => byte === 0));
  t.true(content.subarray(12 * MiB).every((byte) => byte === 0x5a));
});

for (const [title, start, length] of [
  ['with an unaligned offset', 1n, 512n],
  ['with an unaligned length', 0n, 513n],
  ['past the end', BigInt(SIZE), 512n],
  ['across the end', BigInt(SIZE - 512), 1024n],
] as const) {
  test(`a discard ${title} fails with EINVAL and discards nothing`, async (t) => {
    const file = sparseFile(SIZE);
    const { path } = await attach(t, file);
    fill(path, 0x33);
    await t.throwsAsync(discardBlocks(path, { start, length }), {
      code: 'EINVAL',
      message: `EINVAL: invalid argument, ioctl BLKDISCARD '${path}'`,
    });
    t.true(readFileSync(file).every((byte) => byte === 0x33));
  });
}

test('a discard of a read-only device is rejected', async (t) => {
  const { path } = await attach(t, sparseFile(SIZE), { readOnly: true });
  const error = await t.throwsAsync(discardBlocks(path, { start: 0n, length: 512n }));
  t.regex((error as NodeJS.ErrnoException).code ?? '', /^(EACCES|EPERM|EROFS)$/);
});

test('a flush writes the data to the backing file', async (t) => {
  const file = sparseFile(SIZE);
  const { path } = await attach(t, file);
  const fd = openSync(path, 'r+');
  t.teardown(() => closeSync(fd));
  writeSync(fd, Buffer.alloc(4096, 0x77), 0, 4096, MiB);
  await flushBlockDevice(path);
  t.true(
    readFileSync(file)
      .subarray(MiB, MiB + 4096)
      .every((byte) => byte === 0x77),
  );
});

test('nothing is left', assertNothingLeft);
