// The control node's own part, on nodes that are none: what a call comes to, and when a descriptor is let go.

import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { openControlNode } from '../../src/dm/control-node.ts';
import { DeviceMapper } from '../../src/dm/device-mapper.ts';
import type { DmError } from '../../src/dm/errors.ts';
import type { TransportCall } from '../../src/dm/transport.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const { ENOTTY } = constants.errno;

/** An ioctl of terminals, which every other file refuses. */
const TCGETS = 0x5401;
const call = (blocks: TransportCall['blocks'], signal?: AbortSignal): TransportCall => ({
  request: TCGETS,
  buffer: Buffer.alloc(64),
  blocks,
  signal,
});

/** A directory whose control node is a FIFO: it opens, it refuses every command, and it can be readable. */
function withNode(t: ExecutionContext): { readonly devDir: string; readonly path: string } {
  const devDir = tempDir(t);
  const path = join(devDir, 'mapper', 'control');
  mkdirSync(join(devDir, 'mapper'));
  execFileSync('mkfifo', [path]);
  return { devDir, path };
}

/** Whether this process has the file open. */
const isOpen = (path: string): boolean =>
  readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      // The descriptor that listed the directory is closed by now.
      return false;
    }
  });

for (const [blocks, threads, threaded] of [
  ['no', true, undefined],
  ['no', false, undefined],
  ['io', false, undefined],
  ['io', true, true],
  ['event', false, true],
  ['event', true, true],
] as const) {
  const where = threaded ? 'on a thread' : 'directly';
  test(`a call that blocks for "${blocks}" is made ${where}, threads: ${threads}`, async (t) => {
    const { devDir } = withNode(t);
    const node = openControlNode({ devDir, threads });
    t.teardown(() => node.close());
    const reply = await node.ioctl(call(blocks));
    t.is(reply.errno, ENOTTY);
    t.is(reply.threaded, threaded);
    t.is(reply.buffer.length, 64);
  });
}

test('in Bun, which ends the process for want of uv_poll, a wait for events is refused', async (t) => {
  const { devDir } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  t.teardown(() => node.close());
  const { versions } = process;
  Object.defineProperty(process, 'versions', { value: { ...versions, bun: '1.4.5' } });
  const waiting = node.event(undefined);
  Object.defineProperty(process, 'versions', { value: versions });
  await t.throwsAsync(waiting, {
    code: 'ERR_DMTS_UNAVAILABLE',
    message: /^cannot wait .*: Bun lacks/,
  });
});

test('the descriptor stays until the last call that uses it has ended, and closing twice is closing', async (t) => {
  const { devDir, path } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  const calls = [node.ioctl(call('io')), node.ioctl(call('event'))];
  node.close();
  t.true(isOpen(path));
  for (const reply of await Promise.all(calls)) t.is(reply.errno, ENOTTY);
  t.false(isOpen(path));
  const other = await open(path, 'r+');
  node.close();
  await other.close();
});

test('a call that never began lets go of the descriptor, too', async (t) => {
  const { devDir, path } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  const reason = new Error('not wanted');
  const begun = node.ioctl(call('io', AbortSignal.abort(reason)));
  node.close();
  t.is(await t.throwsAsync(Promise.resolve(begun)), reason);
  t.false(isOpen(path));
});

test('an idle node is closed at once', (t) => {
  const { devDir, path } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  t.true(isOpen(path));
  node.close();
  t.false(isOpen(path));
});

test('an event is there once the node is readable', async (t) => {
  const { devDir, path } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  t.teardown(() => node.close());
  const abort = new AbortController();
  let happened = false;
  const event = node.event(abort.signal).then(() => {
    happened = true;
  });
  // A node that was readable would be seen at the next turn of the event loop.
  for (let turns = 0; turns < 3; turns++) await nextTurn();
  t.false(happened);
  await using writer = await open(path, 'r+');
  writeSync(writer.fd, 'x');
  await event;
  // Nobody listens any more.
  abort.abort();
  t.true(happened);
});

test('an abort ends the wait for an event with its own reason, before it and while it lasts', async (t) => {
  const { devDir } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  t.teardown(() => node.close());
  const reason = new Error('not wanted');
  t.is(await t.throwsAsync(node.event(AbortSignal.abort(reason))), reason);
  const abort = new AbortController();
  const waiting = node.event(abort.signal);
  abort.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
});

test('the log is the kernel’s, or there is none to read', (t) => {
  const { devDir } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  t.teardown(() => node.close());
  const log = node.openLog?.();
  t.true(log === undefined || Array.isArray(log.read()));
  log?.close();
});

test('a node that does not know the commands is closed again', async (t) => {
  const { devDir, path } = withNode(t);
  await t.throwsAsync(DeviceMapper.open({ devDir }), {
    name: 'DmError',
    code: 'ENOTTY',
    message: /ioctl DM_VERSION\. The control node is no device: remove it, and it is created anew$/,
  });
  t.false(isOpen(path));
});

test('another device gets none of our requests', (t) => {
  const devDir = tempDir(t);
  mkdirSync(join(devDir, 'mapper'));
  symlinkSync('/dev/null', join(devDir, 'mapper', 'control'));
  const before = readdirSync('/proc/self/fd').length;
  const error = t.throws(() => openControlNode({ devDir, threads: true }), {
    name: 'DmError',
    code: 'ENOTTY',
    message: /\. This node is the device "c 1 3", but the device mapper is "c 10 236"\. Remove the/,
  });
  t.like(error, { syscall: 'open', device: `${devDir}/mapper/control` });
  t.is(readdirSync('/proc/self/fd').length, before);
});

test('a path that is none is refused as Node refuses it', (t) => {
  t.throws(() => openControlNode({ devDir: '/dev\0', threads: true }), {
    code: 'ERR_INVALID_ARG_VALUE',
  });
});

for (const [what, make, code] of [
  ['a directory', (path: string) => mkdirSync(path, { recursive: true }), 'EISDIR'],
  ['a node below a file', (path: string) => writeFileSync(join(path, '..'), ''), 'ENOTDIR'],
] as const) {
  test(`${what} in the control node's place is ${code}`, (t) => {
    const devDir = tempDir(t);
    make(join(devDir, 'mapper', 'control'));
    const error = t.throws(() => openControlNode({ devDir, threads: true }), {
      name: 'DmError',
      code,
    });
    t.like(error, { syscall: 'open', device: `${devDir}/mapper/control` });
    t.is((error as DmError).hint, undefined);
  });
}

/** A /proc whose misc has this text. */
function procWith(t: ExecutionContext, misc: string): string {
  const procDir = tempDir(t);
  writeFileSync(join(procDir, 'misc'), misc);
  return procDir;
}

for (const [what, misc, hint] of [
  [
    'no device mapper',
    '237 loop-control\n',
    /^This kernel has no device mapper: load it with "modprobe/,
  ],
  [
    'a device mapper',
    '236 device-mapper\n',
    /^The kernel has the device mapper, but this node is missing/,
  ],
] as const) {
  test(`a missing node that cannot be created, and a kernel that lists ${what}`, (t) => {
    const devDir = join(tempDir(t), 'missing');
    const procDir = procWith(t, misc);
    const error = t.throws(() => openControlNode({ devDir, threads: true, procDir }), {
      name: 'DmError',
      code: 'ENOENT',
    });
    t.like(error, { syscall: 'open', device: `${devDir}/mapper/control` });
    t.regex((error as DmError).hint ?? '', hint);
  });
}
