// Our side: a kernel that takes everything, as the one in shim.c does, and keeps what it was sent.

import type { Transport } from '../../src/dm/wire/transport.ts';
import { DmFlag, makeDev } from '../../src/index.ts';
import { type FakeReply, type FakeRequest, fakeKernel } from '../../src/testing/index.ts';
import { depsList, targetList, versionList } from '../support/arbitraries/kernel-replies.ts';
import type { Call } from './calls.ts';

/** The device number that shim.c gives every device. */
const DEV = makeDev(4001, 7);
const EVENT_NR = 5;

const ERROR_TARGET = targetList([{ start: 0n, length: 8n, type: 'error', params: '' }]);

const PAYLOADS: Readonly<Record<string, Buffer>> = {
  DM_TABLE_STATUS: ERROR_TARGET,
  DM_DEV_WAIT: ERROR_TARGET,
  DM_TABLE_DEPS: depsList([]),
  DM_LIST_VERSIONS: versionList([{ name: 'error', version: [1, 0, 0] }]),
  DM_GET_TARGET_VERSION: versionList([{ name: 'error', version: [1, 0, 0] }]),
};

const answer = ({ command, header }: FakeRequest): FakeReply => {
  const payload = PAYLOADS[command.name];
  return {
    version: [4, 47, 0],
    dev: (header.flags & DmFlag.PERSISTENT_DEV) === 0 ? DEV : header.dev,
    eventNr: EVENT_NR,
    targetCount: payload === ERROR_TARGET ? 1 : 0,
    flags: header.flags | DmFlag.ACTIVE_PRESENT | DmFlag.UEVENT_GENERATED,
    ...(payload && { payload }),
  };
};

/** A transport, and the requests that went through it. */
export function recorder(): { readonly transport: Transport; readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  const kernel = fakeKernel(answer);
  const transport: Transport = {
    ...kernel,
    ioctl: (call) => {
      calls.push({ request: call.request, bytes: Buffer.from(call.buffer) });
      return kernel.ioctl(call);
    },
  };
  return { transport, calls };
}
