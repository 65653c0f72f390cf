// Attaching on a kernel without LOOP_CONFIGURE (before 5.8), emulated on one that has it: each LOOP_CONFIGURE fails as on
// such a kernel.

import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { blockDeviceSize, logicalBlockSize } from '../../../src/ioctl/device/block.ts';
import { SyscallError } from '../../../src/ioctl/libc/syscall-error.ts';
import { detachLoop, loopStatus } from '../../../src/ioctl/loop/loop.ts';
import { attachTo, type HeldLoop, type LoopKernel } from '../../../src/ioctl/loop/loop-attach.ts';
import { loopKernel } from '../../../src/ioctl/loop/loop-kernel.ts';
import type { AttachLoopOptions } from '../../../src/ioctl/loop/loop-records.ts';
import { assertNothingLeft, attachedFiles, MiB, sparseFile } from '../../support/kernel/loops.ts';

const oldKernel: LoopKernel = {
  ...loopKernel,
  open: async (device, readOnly) => {
    const opened = await loopKernel.open(device, readOnly);
    return {
      ...opened,
      request: async (name, argument, signal) => {
        if (name !== 'LOOP_CONFIGURE') return opened.request(name, argument, signal);
        throw new SyscallError({ syscall: 'ioctl', errno: constants.errno.EINVAL });
      },
    };
  },
};

const hold = (file: string, options: AttachLoopOptions = {}): Promise<HeldLoop> =>
  attachTo(oldKernel, file, options);

/** Attach for the duration of a test. */
async function attach(t: ExecutionContext, file: string, options?: AttachLoopOptions) {
  await using held = await hold(file, options);
  t.teardown(() => detachLoop(held.path));
  return { path: held.path, number: held.number };
}

test('attach with every option', async (t) => {
  const file = sparseFile();
  writeFileSync(file, Buffer.alloc(16 * MiB, 'dmts'));
  const options = {
    offset: BigInt(MiB),
    sizeLimit: BigInt(2 * MiB),
    readOnly: true,
    directIo: false,
    blockSize: 4096,
  };
  const { path, number } = await attach(t, file, options);
  const { dev, ino } = statSync(file, { bigint: true });
  t.deepEqual(await loopStatus(path), {
    backingDevice: dev,
    backingInode: ino,
    fileName: file,
    offset: BigInt(MiB),
    sizeLimit: BigInt(2 * MiB),
    readOnly: true,
    autoclear: false,
    directIo: false,
  });
  t.is(readFileSync(`/sys/block/loop${number}/ro`, 'utf8').trim(), '1');
  t.is(await logicalBlockSize(path), 4096);
  t.is(await blockDeviceSize(path), BigInt(2 * MiB));
  const device = openSync(path, 'r');
  const read = Buffer.alloc(4096);
  readSync(device, read);
  closeSync(device);
  t.deepEqual(read, Buffer.alloc(4096, 'dmts'));
});

test('without options the result equals that of LOOP_CONFIGURE', async (t) => {
  const file = sparseFile();
  await using modern = await attachTo(loopKernel, file, {});
  await using old = await hold(file);
  t.deepEqual(await loopStatus(old.path), await loopStatus(modern.path));
  t.is(await logicalBlockSize(old.path), await logicalBlockSize(modern.path));
  await detachLoop(modern.path);
  await detachLoop(old.path);
});

test('a device with autoclear exists while it is open, and is detached afterwards', async (t) => {
  const file = sparseFile();
  const held = await hold(file, { autoclear: true, offset: 4096n, blockSize: 1024 });
  // Other holders open and close it.
  for (let i = 0; i < 3; i++) closeSync(openSync(held.path, 'r'));
  t.like(await loopStatus(held.path), { autoclear: true, offset: 4096n });
  await held[Symbol.asyncDispose]();
  // The kernel detaches it shortly after the last close.
  while (attachedFiles().some((line) => line.endsWith(file))) await sleep(10);
  t.pass();
});

test('an invalid block size fails with EINVAL and leaves nothing attached', async (t) => {
  const file = sparseFile();
  await t.throwsAsync(hold(file, { blockSize: 1000 }), { code: 'EINVAL' });
  while (attachedFiles().some((line) => line.endsWith(file))) await sleep(10);
  t.pass();
});

test('twenty concurrent attaches get twenty devices, each with its own file', async (t) => {
  const files = Array.from({ length: 20 }, () => sparseFile(MiB));
  const devices = await Promise.all(files.map((file) => attach(t, file)));
  t.is(new Set(devices.map(({ path }) => path)).size, 20);
  for (const [i, { path }] of devices.entries()) {
    t.is((await loopStatus(path)).fileName, files[i]!.slice(0, 63));
  }
});

test('on a kernel with LOOP_CONFIGURE, the error of a rejected argument is its own', async (t) => {
  const before = attachedFiles();
  await t.throwsAsync(attachTo(loopKernel, sparseFile(), { blockSize: 1000 }), {
    code: 'EINVAL',
    message: /LOOP_CONFIGURE/,
  });
  t.deepEqual(attachedFiles(), before);
});

test('nothing is left', assertNothingLeft);
