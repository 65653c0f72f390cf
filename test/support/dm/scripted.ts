// A device mapper on a fake kernel that expects given requests in order, and on one that records all requests.

import assert from 'node:assert/strict';
import type { ExecutionContext } from 'ava';
import { DeviceMapper } from '../../../src/dm/device/device-mapper.ts';
import type { OpenOptions } from '../../../src/dm/device/options.ts';
import type { TargetInput } from '../../../src/dm/text/table.ts';
import { type FakeReply, type FakeRequest, fakeKernel } from '../../../src/testing/index.ts';
import { targetList } from '../arbitraries/kernel-replies.ts';

/** A request in short form: the command without `DM_`, and the name, uuid or number that selects the device. */
export function inWords({ command, header }: FakeRequest): string {
  const { name, uuid, dev } = header;
  const device = name || uuid || (dev === 0n ? '' : `dev ${dev.toString(16)}`);
  return [command.name.slice(3), device].filter((word) => word !== '').join(' ');
}

/** An expected request, in the form of `inWords`, and its reply. */
export type Step = readonly [
  words: string,
  reply?: FakeReply | ((request: FakeRequest) => FakeReply | Promise<FakeReply>),
];

/** Inspects a request, and returns the reply. */
export const after =
  (look: (request: FakeRequest) => void, reply: FakeReply = {}) =>
  (request: FakeRequest): FakeReply => {
    look(request);
    return reply;
  };

/** The only device of the kernel: 253:0. */
export const DEV: bigint = 0xfd00n;

/** A table for the device. */
export const ZERO: readonly TargetInput[] = [{ length: 8, type: 'zero' }];

/** The reply with the status or table of the device. */
export const statusOf = (flags: number, params = ''): FakeReply => ({
  flags,
  dev: DEV,
  targetCount: 1,
  payload: targetList([{ start: 0n, length: 8n, type: 'zero', params }]),
});

/** Requires a request with this string as payload, and returns the device number. */
export const takesString =
  (text: string) =>
  ({ payload }: FakeRequest): FakeReply => {
    const [sent] = payload.toString('latin1').split('\0');
    if (sent !== text) throw new Error(`expected the payload ${text}, got ${sent}`);
    return { dev: DEV };
  };

/** A kernel that expects exactly these requests; the test fails if one of them was not sent. */
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

/** A kernel that records every request after the open. */
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
