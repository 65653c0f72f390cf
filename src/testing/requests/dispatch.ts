// Dispatches a request to its command, after the checks that precede every command. Source: ctl_ioctl in
// drivers/md/dm-ioctl.c.

import { DM_HEADER_MIN, dmIoctl } from '../../dm/wire/abi.ts';
import { commandsByNumber, Dm, type DmCommand } from '../../dm/wire/commands.ts';
import type { TransportCall, TransportReply } from '../../dm/wire/transport.ts';
import { errnoNumber } from '../../ioctl/libc/errno.ts';
import { memoryOf } from '../../ioctl/struct/record.ts';
import type { Devices } from '../state/devices.ts';
import { demand, Refused } from '../state/refused.ts';
import { Call, withVersion } from './call.ts';
import { clear, create, load, remove, removeAll, rename, setGeometry } from './device-handlers.ts';
import { listDevices, listVersions, targetVersion } from './lists.ts';
import { message, status, tableDeps, tableStatus, waitForEvent } from './query-handlers.ts';
import { suspendOrResume } from './table-swap.ts';

const DM_IOCTL = 0xfd;
const BUFFER_MAX = 1024 ** 3;
const MAJOR = 4;

type Handler = (kernel: Devices, call: Call) => void | Promise<void>;

const HANDLERS: ReadonlyMap<DmCommand, Handler> = new Map<DmCommand, Handler>([
  [Dm.REMOVE_ALL, removeAll],
  [Dm.LIST_DEVICES, listDevices],
  [Dm.DEV_CREATE, create],
  [Dm.DEV_REMOVE, remove],
  [Dm.DEV_RENAME, rename],
  [Dm.DEV_SUSPEND, suspendOrResume],
  [Dm.DEV_STATUS, status],
  [Dm.DEV_WAIT, waitForEvent],
  [Dm.TABLE_LOAD, load],
  [Dm.TABLE_CLEAR, clear],
  [Dm.TABLE_DEPS, tableDeps],
  [Dm.TABLE_STATUS, tableStatus],
  [Dm.LIST_VERSIONS, listVersions],
  [Dm.TARGET_MSG, message],
  [Dm.DEV_SET_GEOMETRY, setGeometry],
  [Dm.GET_TARGET_VERSION, targetVersion],
]);

/** Commands whose parameters are not checked in advance. */
const UNCHECKED: ReadonlySet<DmCommand> = new Set([
  Dm.REMOVE_ALL,
  Dm.LIST_DEVICES,
  Dm.LIST_VERSIONS,
]);

/** Commands of which the kernel reads only the header (`IOCTL_FLAGS_NO_PARAMS`), regardless of `data_size`. */
const HEADER_ONLY: ReadonlySet<DmCommand> = new Set([
  Dm.REMOVE_ALL,
  Dm.DEV_CREATE,
  Dm.DEV_REMOVE,
  Dm.DEV_SUSPEND,
  Dm.DEV_STATUS,
  Dm.TABLE_CLEAR,
  Dm.DEV_ARM_POLL,
]);

/** Commands that raise a global event when they succeed. */
const GLOBAL_EVENT: ReadonlySet<DmCommand> = new Set([
  Dm.REMOVE_ALL,
  Dm.DEV_CREATE,
  Dm.DEV_REMOVE,
  Dm.DEV_RENAME,
]);

/** The command of a request, if the version of this kernel has it. */
export function commandOf(kernel: Devices, request: number): DmCommand | undefined {
  if (((request >> 8) & 0xff) !== DM_IOCTL) return undefined;
  const command = commandsByNumber.get(request & 0xff);
  return command && kernel.since(command.since[1]) ? command : undefined;
}

/** Runs one request. `arm` implements DM_DEV_ARM_POLL for the descriptor of the request. */
export async function dispatch(
  kernel: Devices,
  { request, buffer, signal }: TransportCall,
  arm: () => void,
): Promise<TransportReply> {
  try {
    const command = commandOf(kernel, request);
    const [major, minor] = dmIoctl.fields.version.read(memoryOf(buffer), 0);
    demand(major === MAJOR && minor <= kernel.version[1], 'interface version');
    if (command === undefined) throw new Refused('ENOTTY', 'no such command');
    // DM_VERSION ignores the rest of the request.
    if (command === Dm.VERSION) return { errno: 0, buffer: withVersion(buffer, kernel.version) };
    const call = await run(kernel, command, buffer, signal, arm);
    return { errno: 0, buffer: call.reply() };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { errno: errnoNumber(error.code), buffer: withVersion(buffer, kernel.version) };
  }
}

async function run(
  kernel: Devices,
  command: DmCommand,
  buffer: Buffer,
  signal: AbortSignal | undefined,
  arm: () => void,
): Promise<Call> {
  const size = dmIoctl.fields.dataSize.read(memoryOf(buffer), 0);
  demand(size >= DM_HEADER_MIN && size <= BUFFER_MAX, 'data size');
  const isThere = size <= buffer.length || HEADER_ONLY.has(command);
  demand(isThere, 'a buffer shorter than its data size', 'EFAULT');
  const call = new Call(buffer, kernel.version, signal);
  const { name, uuid } = call.param;
  if (command === Dm.DEV_CREATE) demand(name !== '', 'name not supplied');
  else if (!UNCHECKED.has(command)) demand(name === '' || uuid === '', 'name and uuid');
  if (command === Dm.DEV_ARM_POLL) arm();
  await HANDLERS.get(command)?.(kernel, call);
  if (GLOBAL_EVENT.has(command)) kernel.globalEvent();
  kernel.waiters.wake();
  return call;
}
