// Calls of every kind: on a model kernel, direct, on a thread, aborted, and a wait for an event. Prints one
// line of JSON.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openControlNode } from '../../src/dm/wire/control-node.ts';
import { DeviceMapper } from '../../src/index.ts';
import { blockDeviceSize } from '../../src/ioctl/index.ts';
import { syscall } from '../../src/ioctl/libc/libc.ts';
import { callInThread } from '../../src/ioctl/thread/threads.ts';
import { modelKernel } from '../../src/testing/index.ts';

const LOCK_EX = 2;

const outcome = async (action: () => Promise<unknown>): Promise<string> => {
  try {
    await action();
    return 'done';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};

async function devices(): Promise<readonly string[]> {
  const dm = await DeviceMapper.open({ transport: modelKernel() });
  await dm.create('data');
  return (await dm.list()).map(({ name }) => name);
}

/** Wait for a held lock until an abort. */
async function abortedCall(directory: string): Promise<unknown> {
  const [holder, waiter] = [1, 2].map(() => openSync(join(directory, 'lock'), 'a'));
  syscall('flock', [holder!, LOCK_EX]);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 100);
  const { value, errno } = await callInThread('flock', [waiter!, LOCK_EX], abort.signal);
  return { value, errno };
}

/** A FIFO in place of the control node; a write to it ends the wait. */
async function awaitEvent(devDir: string): Promise<void> {
  const path = join(devDir, 'mapper', 'control');
  mkdirSync(join(devDir, 'mapper'));
  execFileSync('mkfifo', [path]);
  const transport = openControlNode({ devDir, threads: true });
  const event = transport.event(AbortSignal.timeout(60_000));
  writeSync(openSync(path, 'r+'), 'x');
  await event;
}

const directory = mkdtempSync(join(tmpdir(), 'dmts-runtime-'));
console.log(
  JSON.stringify({
    devices: await devices(),
    direct: syscall('flock', [-1, LOCK_EX]),
    threaded: await outcome(() => blockDeviceSize('/dev/null')),
    aborted: await abortedCall(directory),
    event: await outcome(() => awaitEvent(directory)),
  }),
);
rmSync(directory, { recursive: true });
process.exit();
