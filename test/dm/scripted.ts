// A device mapper on a kernel that expects certain requests in a certain order, and on one that notes them.

import assert from 'node:assert/strict';
import type { ExecutionContext } from 'ava';
import { DeviceMapper } from '../../src/dm/device-mapper.ts';
import type { OpenOptions } from '../../src/dm/options.ts';
import type { TargetInput } from '../../src/dm/table.ts';
import { type FakeReply, type FakeRequest, fakeKernel } from '../../src/testing/index.ts';
import { targetList } from '../arbitraries/kernel-replies.ts';

/** A request as the kernel sees it, in short: the command without `DM_`, and how the device was selected. */
export function inWords({ command, header }: FakeRequest): string {
  const { name, uuid, dev } = header;
  const device = name || uuid || (dev === 0n ? '' : `dev ${dev.toString(16)}`);
  return [command.name.slice(3), device].filter((word) => word !== '').join(' ');
}

/** What the kernel is asked, by `inWords`, and what it answers. */
export type Step = readonly [
  words: string,
  reply?: FakeReply | ((request: FakeRequest) => FakeReply | Promise<FakeReply>),
];

/** A look at a request, and its answer. */
export const after =
  (look: (request: FakeRequest) => void, reply: FakeReply = {}) =>
  (request: FakeRequest): FakeReply => {
    look(request);
    return reply;
  };

/** The device that the kernel has: 253:0. */
export const DEV: bigint = 0xfd00n;

/** A table for it. */
export const ZERO: readonly TargetInput[] = [{ length: 8, type: 'zero' }];

/** The status or table of that device, as the kernel gives it. */
export const statusOf = (flags: number, params = ''): FakeReply => ({
  flags,
  dev: DEV,
  targetCount: 1,
  payload: targetList([{ start: 0n, length: 8n, type: 'zero', params }]),
});

/** Takes a request whose payload is this string, and gives the device number. */
export const takesString =
  (text: string) =>
  ({ payload }: FakeRequest): FakeReply => {
    const [sent] = payload.toString('latin1').split('\0');
    if (sent !== text) throw new Error(`expected the payload ${text}, got ${sent}`);
    return { dev: DEV };
  };

/** A kernel that must be asked exactly this; the test fails if anything is missing at its end. */
export async function scripted(
  t: ExecutionContext,
  steps: readonly Step[],
  options: OpenOptions = {},
): Promise<DeviceMapper> {
  let next = 0;
  const { dm } = await recorded((request) => {
    const [words, reply = {}] = steps[next++] ?? ['nothing more'];
    assert.equal(inWords(request), words, `request ${next}`);
    return typeof reply === 'function' ? reply(request) : reply;
  }, options);
  t.teardown(() => {
    assert.equal(next, steps.length, `${steps.length} requests expected, ${next} made`);
  });
  return dm;
}

/** A kernel that notes what it is asked once it has been opened. */
export async function recorded(
  kernel: (request: FakeRequest) => FakeReply | Promise<FakeReply> = () => ({}),
  options: OpenOptions = {},
): Promise<{ readonly dm: DeviceMapper; readonly seen: readonly FakeRequest[] }> {
  const seen: FakeRequest[] = [];
  let open = false;
  const transport = fakeKernel((request) => {
    if (!open) return {};
    seen.push({ ...request, buffer: Buffer.from(request.buffer) });
    return kernel(request);
  });
  const dm = await DeviceMapper.open({ ...options, transport });
  open = true;
  return { dm, seen };
}
