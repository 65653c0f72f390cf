// Calls on files other than block devices, without privileges. test/kernel/ioctl/block.test.ts has the rest.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  blockDeviceSize,
  discardBlocks,
  flushBlockDevice,
  logicalBlockSize,
} from '../../../../src/ioctl/device/block.ts';
import { InputError } from '../../../../src/ioctl/input/input-error.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const OPERATIONS = [
  ['BLKGETSIZE64', blockDeviceSize],
  ['BLKSSZGET', logicalBlockSize],
  ['BLKDISCARD', (path: string) => discardBlocks(path, { start: 0n, length: 512n })],
] as const;

for (const [operation, act] of OPERATIONS) {
  for (const [what, make] of [
    ['a regular file', (dir: string) => join(dir, 'file')],
    ['a character device', () => '/dev/null'],
  ] as const) {
    test(`${operation} on ${what} fails with ENOTTY`, async (t) => {
      const path = make(tempDir(t));
      writeFileSync(path, 'untouched');
      const error = await t.throwsAsync<NodeJS.ErrnoException>(act(path), {
        code: 'ENOTTY',
        message: `ENOTTY: inappropriate ioctl for device, ioctl ${operation} '${path}'`,
      });
      t.like(error, { errno: -25, syscall: 'ioctl', path });
      if (path !== '/dev/null') t.is(readFileSync(path, 'utf8'), 'untouched');
    });
  }

  test(`${operation} on a missing path fails with ENOENT`, async (t) => {
    await t.throwsAsync(act(join(tempDir(t), 'nothing')), { code: 'ENOENT' });
  });
}

test('flushing a missing device fails with ENOENT', async (t) => {
  await t.throwsAsync(flushBlockDevice(join(tempDir(t), 'nothing')), { code: 'ENOENT' });
});

for (const [start, length, message] of [
  [
    -512n,
    512n,
    'start: expected a bigint or a safe integer, from 0 to 18446744073709551615, got -512n',
  ],
  [
    0n,
    2n ** 64n,
    `length: expected a bigint or a safe integer, from 0 to ${2n ** 64n - 1n}, got ${2n ** 64n}n`,
  ],
] as const) {
  test(`a discard of ${length} at ${start} is rejected before any system call`, async (t) => {
    await t.throwsAsync(discardBlocks('/dev/null', { start, length }), {
      instanceOf: InputError,
      message,
    });
  });
}

test('an already aborted discard makes no system call', async (t) => {
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  const error = await t.throwsAsync(
    discardBlocks('/dev/null', { start: 0n, length: 512n, signal }),
  );
  t.is(error, reason);
});
