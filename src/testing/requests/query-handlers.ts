// Commands that query, wait and send messages. Source: drivers/md/dm-ioctl.c.

import { DM_HEADER_MIN, dmTargetMsg } from '../../dm/wire/abi.ts';
import { DmFlag } from '../../dm/wire/flags.ts';
import { type Device, tableSize } from '../state/device.ts';
import type { Devices } from '../state/devices.ts';
import { splitArgs } from '../state/kernel-words.ts';
import { demand, Refused } from '../state/refused.ts';
import type { Call } from './call.ts';
import { answerDeps, answerStatus, askedTable, deviceStatus, findDevice } from './device-status.ts';

/** DM_DEV_STATUS */
export function status(kernel: Devices, call: Call): void {
  deviceStatus(kernel, call, findDevice(kernel, call));
}

/** DM_TABLE_STATUS */
export function tableStatus(kernel: Devices, call: Call): void {
  answerTable(kernel, call, findDevice(kernel, call));
}

function answerTable(kernel: Devices, call: Call, device: Device): void {
  deviceStatus(kernel, call, device);
  const table = askedTable(call, device);
  if (table !== undefined) answerStatus(call, table);
}

/** DM_TABLE_DEPS */
export function tableDeps(kernel: Devices, call: Call): void {
  const device = findDevice(kernel, call);
  deviceStatus(kernel, call, device);
  const table = askedTable(call, device);
  if (table !== undefined) answerDeps(call, table);
}

/** DM_DEV_WAIT: wait until the event counter of the device differs from the caller's. */
export async function waitForEvent(kernel: Devices, call: Call): Promise<void> {
  const device = findDevice(kernel, call);
  const { eventNr } = call.param;
  const result = await kernel.waiters.wait(() => device.eventNr !== eventNr, call.signal);
  demand(result === 'done', 'interrupted', 'EINTR');
  answerTable(kernel, call, device);
}

/** DM_TARGET_MSG */
export function message(kernel: Devices, call: Call): void {
  const device = findDevice(kernel, call);
  const { param, request } = call;
  const text = param.dataStart + dmTargetMsg.size;
  const nul = request.indexOf(0, text);
  demand(param.dataStart >= DM_HEADER_MIN && nul !== -1, 'invalid target message parameters');
  const { sector } = dmTargetMsg.decode(request, param.dataStart);
  const words = splitArgs(request.toString('latin1', text, nul));
  demand(words.length > 0, 'empty message');
  const answer = words[0]!.startsWith('@')
    ? coreMessage(device, words)
    : targetMessage(device, sector, words);
  deviceStatus(kernel, call, device);
  if (answer === undefined) return;
  const bytes = Buffer.from(`${answer}\0`, 'latin1');
  call.flag(DmFlag.DATA_OUT, true);
  call.answerWhole(bytes);
}

/** `message_for_md` */
function coreMessage(device: Device, words: readonly string[]): undefined {
  const known = words[0]!.toLowerCase() === '@cancel_deferred_remove' && words.length === 1;
  demand(known, `unsupported message sent to DM core: ${words[0]}`);
  device.deferredRemove = false;
}

function targetMessage(
  { live }: Device,
  sector: bigint,
  words: readonly string[],
): string | undefined {
  demand(live !== undefined, 'no table to send a message to');
  demand(sector < tableSize(live!), 'target message sector outside device');
  const placed = live!.targets.find(({ start, length }) => sector < start + length);
  const hear = placed?.target.message;
  if (hear === undefined) throw new Refused('EINVAL', 'target type does not support messages');
  return hear(words);
}
