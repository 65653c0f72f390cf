// A fake kernel with devices, for commands that run in this process.

import type { TableLine } from '../../../src/dm/text/table.ts';
import {
  align8,
  dmNameList,
  dmNameListTail,
  dmTargetDeps,
  dmTargetSpec,
} from '../../../src/dm/wire/abi.ts';
import {
  DmFlag,
  type FakeReply,
  type FakeRequest,
  fakeKernel,
  type Transport,
} from '../../../src/testing/index.ts';

/** A device of the fake kernel. */
export interface FakeDevice {
  /** The mangled name, as in the kernel. */
  readonly name: string;
  readonly dev: bigint;
  readonly uuid?: string;
  /** `DmFlag` bits of its status. */
  readonly flags?: number;
  readonly openCount?: number;
  readonly eventNr?: number;
  readonly targets?: readonly TableLine[];
  readonly deps?: readonly bigint[];
}

/** A kernel, and the requests that it received. */
export interface FakeMachine {
  readonly transport: Transport;
  readonly requests: readonly FakeRequest[];
}

/** A kernel with `devices`; it fails the commands in `refusals` with the errno code there. */
export function fakeMachine(
  devices: readonly FakeDevice[],
  refusals: Readonly<Record<string, string>> = {},
): FakeMachine {
  const requests: FakeRequest[] = [];
  const transport = fakeKernel((request) => {
    // The buffer belongs to the caller again after the reply.
    requests.push({ ...request, payload: Buffer.from(request.payload) });
    return refusals[request.command.name] ?? answer(devices, request);
  });
  return { transport, requests };
}

function answer(devices: readonly FakeDevice[], { command, header }: FakeRequest): FakeReply {
  if (command.name === 'DM_VERSION' || command.name === 'DM_REMOVE_ALL') return {};
  if (command.name === 'DM_LIST_DEVICES') return { payload: nameList(devices) };
  const found = devices.find(
    ({ name, uuid, dev }) =>
      (header.name !== '' && name === header.name) ||
      (header.uuid !== '' && uuid === header.uuid) ||
      (header.name === '' && header.uuid === '' && dev === header.dev),
  );
  if (found === undefined) {
    return command.name === 'DM_DEV_CREATE' ? { dev: 0xfd00n, flags: 0 } : 'ENXIO';
  }
  const { name, uuid = '', dev, openCount = 0, eventNr = 0, targets = [], deps = [] } = found;
  const state = {
    name,
    uuid,
    dev,
    openCount,
    eventNr,
    flags: found.flags ?? DmFlag.ACTIVE_PRESENT,
  };
  const reply = { ...state, targetCount: targets.length };
  if (command.name === 'DM_TABLE_DEPS') return { ...reply, payload: depsPayload(deps) };
  if (command.name === 'DM_TABLE_STATUS' || command.name === 'DM_DEV_WAIT') {
    return { ...reply, payload: targetsPayload(targets) };
  }
  return reply;
}

function nameList(devices: readonly FakeDevice[]): Buffer {
  const records = devices.map(({ name, dev, uuid, eventNr = 0 }, i) => {
    const tail = align8(dmNameList.size + name.length + 1);
    const size = align8(tail + dmNameListTail.size + (uuid?.length ?? 0) + 1);
    const record = Buffer.alloc(size);
    dmNameList.encodeInto({ dev, next: i === devices.length - 1 ? 0 : size }, record);
    record.write(name, dmNameList.size, 'latin1');
    dmNameListTail.encodeInto({ eventNr, flags: uuid === undefined ? 0 : 1 }, record, tail);
    record.write(uuid ?? '', tail + dmNameListTail.size, 'latin1');
    return record;
  });
  return Buffer.concat(records);
}

const depsPayload = (deps: readonly bigint[]): Buffer =>
  Buffer.concat([
    dmTargetDeps.encode({ count: deps.length }),
    Buffer.from(BigUint64Array.from(deps).buffer),
  ]);

function targetsPayload(targets: readonly TableLine[]): Buffer {
  let end = 0;
  const records = targets.map(({ start, length, type, params }) => {
    const text = Buffer.from(`${params}\0`);
    const size = align8(dmTargetSpec.size + text.length);
    end += size;
    const record = Buffer.alloc(size);
    const spec = { sectorStart: start, length, status: 0, next: end, targetType: type };
    dmTargetSpec.encodeInto(spec, record);
    record.set(text, dmTargetSpec.size);
    return record;
  });
  return Buffer.concat(records);
}
