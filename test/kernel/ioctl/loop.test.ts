import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { blockDeviceSize, logicalBlockSize } from '../../../src/ioctl/device/block.ts';
import { mount } from '../../../src/ioctl/file/mount.ts';
import {
  attachLoop,
  detachLoop,
  loopStatus,
  refreshLoopCapacity,
} from '../../../src/ioctl/loop/loop.ts';
import { loopsOf } from '../../../src/ioctl/loop/loop-files.ts';
import {
  assertNothingLeft,
  attach,
  attachedFiles,
  MiB,
  scratch,
  sparseFile,
  unmountAfter,
} from '../../support/kernel/loops.ts';

const sysfs = (number: number, name: string): string =>
  readFileSync(`/sys/block/loop${number}/${name}`, 'utf8').trim();

test('a loop device of another program can lack its node', async (t) => {
  const [foreign, file] = [sparseFile(), sparseFile()];
  const other = await attach(t, foreign);
  unlinkSync(other.path);
  const { path } = await attach(t, file);
  t.deepEqual(await loopsOf(file), [path]);
  t.deepEqual(await loopsOf(foreign), [other.path]);
  t.false((await loopStatus(other.path)).autoclear);
  t.false(existsSync(other.path), 'a look leaves no node');
  t.regex(
    (await t.throwsAsync(loopStatus('/dev/loop4095')))?.message ?? '',
    /^ENOENT: .*The kernel has no device loop4095$/,
  );
});

test('a file becomes a block device with the bytes of the file', async (t) => {
  const file = sparseFile();
  const { path, number } = await attach(t, file);
  t.is(path, `/dev/loop${number}`);
  t.true(statSync(path).isBlockDevice());
  t.is(sysfs(number, 'loop/backing_file'), file);
  t.is(await blockDeviceSize(path), BigInt(16 * MiB));

  const bytes = Buffer.alloc(4096, 'dmts');
  const device = openSync(path, 'r+');
  writeSync(device, bytes, 0, bytes.length, MiB);
  fsyncSync(device);
  closeSync(device);
  t.deepEqual(readFileSync(file).subarray(MiB, MiB + 4096), bytes);
});

test('the status of a device that was attached without options', async (t) => {
  const file = sparseFile();
  const { path } = await attach(t, file, { directIo: false });
  const { dev, ino } = statSync(file, { bigint: true });
  t.deepEqual(await loopStatus(path), {
    backingDevice: dev,
    backingInode: ino,
    fileName: file,
    offset: 0n,
    sizeLimit: 0n,
    readOnly: false,
    autoclear: false,
    directIo: false,
  });
});

test('an offset and a size limit select a range of the file', async (t) => {
  const file = sparseFile();
  const data = Buffer.from('the first bytes of the device');
  const fd = openSync(file, 'r+');
  writeSync(fd, data, 0, data.length, MiB);
  closeSync(fd);
  const { path } = await attach(t, file, { offset: BigInt(MiB), sizeLimit: BigInt(2 * MiB) });
  t.like(await loopStatus(path), { offset: BigInt(MiB), sizeLimit: BigInt(2 * MiB) });
  t.is(await blockDeviceSize(path), BigInt(2 * MiB));
  const device = openSync(path, 'r');
  const read = Buffer.alloc(data.length);
  readSync(device, read);
  closeSync(device);
  t.deepEqual(read, data);
});

for (const blockSize of [512, 1024, 4096]) {
  test(`a logical block size of ${blockSize}`, async (t) => {
    const { path, number } = await attach(t, sparseFile(), { blockSize, directIo: false });
    t.is(await logicalBlockSize(path), blockSize);
    t.is(sysfs(number, 'queue/logical_block_size'), String(blockSize));
  });
}

test('an invalid block size fails with EINVAL and leaves nothing attached', async (t) => {
  const before = attachedFiles();
  await t.throwsAsync(attachLoop(sparseFile(), { blockSize: 1000 }), {
    code: 'EINVAL',
    message: /LOOP_CONFIGURE '\/dev\/loop\d+'$/,
  });
  t.deepEqual(attachedFiles(), before);
});

test('a read-only device cannot be opened for writing', async (t) => {
  const file = sparseFile();
  const { path, number } = await attach(t, file, { readOnly: true });
  t.like(await loopStatus(path), { readOnly: true });
  t.is(sysfs(number, 'ro'), '1');
  const error = t.throws(() => {
    const fd = openSync(path, 'r+');
    try {
      writeSync(fd, Buffer.alloc(512));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  });
  t.regex((error as NodeJS.ErrnoException).code ?? '', /^(EACCES|EPERM|EROFS|EIO)$/);
  t.deepEqual(readFileSync(file).subarray(0, 512), Buffer.alloc(512));
});

test('a device with autoclear is detached when its last holder closes it', async (t) => {
  const file = sparseFile();
  const backing = statSync(file).ino;
  const { path } = await attach(t, file, { autoclear: true });
  // The descriptor that attached the device was its last holder, so the device is detached.
  await t.throwsAsync(loopStatus(path), { code: 'ENXIO' });
  t.is(statSync(file).ino, backing);
  t.deepEqual(
    attachedFiles().filter((line) => line.endsWith(file)),
    [],
  );
});

test('direct I/O is on where the filesystem supports it, and off elsewhere', async (t) => {
  const file = sparseFile();
  const { path } = await attach(t, file, { directIo: 'try' });
  const buffered = await attach(t, sparseFile(), { directIo: false });
  const { directIo } = await loopStatus(path);
  t.log(`'try' on this filesystem: direct I/O ${directIo ? 'on' : 'off'}`);
  t.is(typeof directIo, 'boolean');
  t.false((await loopStatus(buffered.path)).directIo);
});

test('direct I/O that the filesystem accepts but fails: the device is still readable', async (t) => {
  // overlayfs over a tmpfs of Linux 6.1: with direct I/O every request fails with EIO.
  const place = mkdtempSync(join(scratch, 'overlay-'));
  const [lower, upper, work, target] = ['lower', 'upper', 'work', 'target'].map((name) => {
    mkdirSync(join(place, name));
    return join(place, name);
  }) as [string, string, string, string];
  const data = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  await mount({ source: 'overlay', target, type: 'overlay', data });
  unmountAfter(t, target);
  const file = join(target, 'file');
  writeFileSync(file, Buffer.alloc(MiB, 'dmts'));
  const { path } = await attachLoop(file);
  t.teardown(() => detachLoop(path));
  t.log(`direct I/O ${(await loopStatus(path)).directIo ? 'on' : 'off'}`);
  t.true(readFileSync(path).equals(Buffer.alloc(MiB, 'dmts')));
});

test('the device grows with its file on request', async (t) => {
  const file = sparseFile(4 * MiB);
  const { path } = await attach(t, file);
  truncateSync(file, 9 * MiB);
  t.is(await blockDeviceSize(path), BigInt(4 * MiB));
  await refreshLoopCapacity(path);
  t.is(await blockDeviceSize(path), BigInt(9 * MiB));
});

test('a second detach fails with ENXIO, and so does every query of a detached device', async (t) => {
  const { path } = await attach(t, sparseFile());
  await detachLoop(path);
  for (const [operation, act] of [
    ['LOOP_CLR_FD', detachLoop],
    ['LOOP_GET_STATUS64', loopStatus],
    ['LOOP_SET_CAPACITY', refreshLoopCapacity],
  ] as const) {
    await t.throwsAsync(act(path), {
      code: 'ENXIO',
      message: `ENXIO: no such device or address, ioctl ${operation} '${path}'`,
    });
  }
});

test('an open device is detached when its holder closes it', async (t) => {
  const { path } = await attach(t, sparseFile());
  const user = openSync(path, 'r');
  try {
    await detachLoop(path);
    t.true((await loopStatus(path)).autoclear);
  } finally {
    closeSync(user);
  }
  await t.throwsAsync(loopStatus(path), { code: 'ENXIO' });
});

test('two concurrent attaches get two devices', async (t) => {
  const both = await Promise.all([attach(t, sparseFile()), attach(t, sparseFile())]);
  t.not(both[0].path, both[1].path);
});

test('twenty concurrent attaches get twenty devices, each with its own file', async (t) => {
  const files = Array.from({ length: 20 }, () => sparseFile(MiB));
  const settled = await Promise.allSettled(files.map((file) => attach(t, file)));
  const devices = settled.map((s) => {
    if (s.status === 'rejected') throw s.reason;
    return s.value;
  });
  t.is(new Set(devices.map(({ path }) => path)).size, 20);
  for (const [i, { path }] of devices.entries()) {
    t.is((await loopStatus(path)).fileName, files[i]!.slice(0, 63));
  }
});

test('a long UTF-8 name is cut to the size of the struct', async (t) => {
  const file = sparseFile();
  const name = join(scratch, `ä-${'x'.repeat(100)}`);
  await link(file, name);
  const { path, number } = await attach(t, name);
  t.is((await loopStatus(path)).fileName, Buffer.from(name).subarray(0, 63).toString());
  t.is((await loopStatus(path)).backingInode, statSync(file, { bigint: true }).ino);
  t.is(sysfs(number, 'loop/backing_file'), name);
});

test('an aborted attach attaches nothing', async (t) => {
  const file = sparseFile();
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(attachLoop(file, { signal })), reason);
  t.deepEqual(
    attachedFiles().filter((line) => line.endsWith(file)),
    [],
  );
});

test('attaching a loop device', async (t) => {
  const lower = await attach(t, sparseFile());
  const upper = await attach(t, lower.path);
  t.is(await blockDeviceSize(upper.path), BigInt(16 * MiB));
  await detachLoop(upper.path);
});

test('an empty file is a device of zero bytes', async (t) => {
  const file = join(scratch, 'empty');
  writeFileSync(file, '');
  const { path } = await attach(t, file);
  t.is(await blockDeviceSize(path), 0n);
});

test('nothing is left', assertNothingLeft);
