import { execFileSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ioctlInThread } from '../../../../src/ioctl/thread/kernel-call.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** ioctls of any file, and of terminals. */
const FIOCLEX = 0x5451;
const FIONREAD = 0x541b;
const TCGETS = 0x5401;

test('an ioctl returns the bytes that the kernel wrote', async (t) => {
  const path = join(tempDir(t), 'fifo');
  execFileSync('mkfifo', [path]);
  await using fifo = await open(path, 'r+');
  await fifo.write('12345');
  const argument = Buffer.alloc(4);
  const { value, bytes } = await ioctlInThread({
    fd: fifo.fd,
    request: FIONREAD,
    operation: 'FIONREAD',
    argument,
    path,
  });
  t.is(value, 0);
  t.is(endianness() === 'LE' ? bytes.readInt32LE() : bytes.readInt32BE(), 5);
});

test('an ioctl without bytes returns no bytes', async (t) => {
  const path = '/dev/null';
  await using file = await open(path, 'r');
  const call = { fd: file.fd, request: FIOCLEX, operation: 'FIOCLEX', path };
  t.deepEqual(await ioctlInThread(call), { value: 0, bytes: Buffer.alloc(0) });
  t.deepEqual(await ioctlInThread({ ...call, argument: 0n }), { value: 0, bytes: Buffer.alloc(0) });
});

test('the error names the request and the file', async (t) => {
  const path = '/dev/null';
  await using file = await open(path, 'r');
  const argument = Buffer.alloc(64);
  const call = { fd: file.fd, request: TCGETS, operation: 'TCGETS', path, argument };
  const error = await t.throwsAsync(ioctlInThread(call), {
    message: "ENOTTY: inappropriate ioctl for device, ioctl TCGETS '/dev/null'",
  });
  t.like(error, { code: 'ENOTTY', errno: -25, syscall: 'ioctl', path });
});
