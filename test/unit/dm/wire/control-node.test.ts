// The transport of the control node, on other files: the result of a call, and when the descriptor is closed.

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
import { DeviceMapper } from '../../../../src/dm/device/device-mapper.ts';
import { openControlNode } from '../../../../src/dm/wire/control-node.ts';
import type { DmError } from '../../../../src/dm/wire/errors.ts';
import type { TransportCall } from '../../../../src/dm/wire/transport.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const { ENOTTY } = constants.errno;

/** An ioctl of terminals: every other file rejects it with ENOTTY. */
const TCGETS = 0x5401;
const call = (blocks: TransportCall['blocks'], signal?: AbortSignal): TransportCall => ({
  request: TCGETS,
  buffer: Buffer.alloc(64),
  blocks,
  signal,
});

/** A directory whose control node is a FIFO: it can be opened, rejects every command, and can become readable. */
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
      // The descriptor of the directory listing is already closed.
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
  test(`a call that blocks for "${blocks}" runs ${where}, threads: ${threads}`, async (t) => {
    const { devDir } = withNode(t);
    const node = openControlNode({ devDir, threads });
    t.teardown(() => node.close());
    const reply = await node.ioctl(call(blocks));
    t.is(reply.errno, ENOTTY);
    t.is(reply.threaded, threaded);
    t.is(reply.buffer.length, 64);
  });
}

test('a wait for events is rejected in Bun, which lacks uv_poll and would end the process', async (t) => {
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

test('the descriptor stays open until its last call has ended, and a second close has no effect', async (t) => {
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

test('a call that is aborted before it starts does not keep the descriptor open', async (t) => {
  const { devDir, path } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  const reason = new Error('not wanted');
  const begun = node.ioctl(call('io', AbortSignal.abort(reason)));
  node.close();
  t.is(await t.throwsAsync(Promise.resolve(begun)), reason);
  t.false(isOpen(path));
});

test('an idle node is closed immediately', (t) => {
  const { devDir, path } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  t.true(isOpen(path));
  node.close();
  t.false(isOpen(path));
});

test('event resolves once the node is readable', async (t) => {
  const { devDir, path } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  t.teardown(() => node.close());
  const abort = new AbortController();
  let happened = false;
  const event = node.event(abort.signal).then(() => {
    happened = true;
  });
  // A readable node would resolve the promise in the next turn of the event loop.
  for (let turns = 0; turns < 3; turns++) await nextTurn();
  t.false(happened);
  await using writer = await open(path, 'r+');
  writeSync(writer.fd, 'x');
  await event;
  // The listener is already removed: the abort has no effect.
  abort.abort();
  t.true(happened);
});

test('an abort before or during the wait for an event rejects with the reason of the signal', async (t) => {
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

test('openLog returns the kernel log, or undefined if it is unreadable', (t) => {
  const { devDir } = withNode(t);
  const node = openControlNode({ devDir, threads: true });
  t.teardown(() => node.close());
  const log = node.openLog?.();
  t.true(log === undefined || Array.isArray(log.read()));
  log?.close();
});

test('a node that rejects the commands is closed again', async (t) => {
  const { devDir, path } = withNode(t);
  await t.throwsAsync(DeviceMapper.open({ devDir }), {
    name: 'DmError',
    code: 'ENOTTY',
    message:
      /ioctl DM_VERSION\. The control node is not the device mapper: remove it, and the next open creates it again$/,
  });
  t.false(isOpen(path));
});

test('a node of another device receives no requests', (t) => {
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

test('an invalid path is rejected with the error of Node', (t) => {
  t.throws(() => openControlNode({ devDir: '/dev\0', threads: true }), {
    code: 'ERR_INVALID_ARG_VALUE',
  });
});

for (const [what, make, code] of [
  ['a directory', (path: string) => mkdirSync(path, { recursive: true }), 'EISDIR'],
  ['a node below a file', (path: string) => writeFileSync(join(path, '..'), ''), 'ENOTDIR'],
] as const) {
  test(`${what} in place of the control node fails with ${code}`, (t) => {
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

/** A directory in place of /proc, with this text as `misc`. */
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
  test(`the hint for a missing node that cannot be created, if the kernel lists ${what}`, (t) => {
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
