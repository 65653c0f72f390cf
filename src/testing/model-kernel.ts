// A kernel that behaves: it keeps devices, tables, events and thin pools as Linux does, without root.

import { dmIoctl, type Version } from '../dm/abi.ts';
import type { Transport, TransportCall, TransportReply } from '../dm/transport.ts';
import { errnoNumber } from '../ioctl/errno.ts';
import { withVersion } from './model/call.ts';
import type { Device } from './model/device.ts';
import { Devices } from './model/devices.ts';
import type { ModelDisk } from './model/disks.ts';
import { commandOf, dispatch } from './model/dispatch.ts';
import { type CallFilter, type Fault, type FaultOptions, Faults } from './model/faults.ts';
import { type PoolState, setPoolState } from './model/pool-state.ts';
import { type OtherTarget, targetTypes } from './model/target-types.ts';

/** What kind of kernel it is. */
export interface ModelKernelOptions {
  /**
   * Its interface version: `[4, 47, 0]` is Linux 6.1, `[4, 48, 0]` 6.12, `[4, 50, 0]` 7.x. Where kernels
   * differ, the model does, too. @default [4, 50, 0]
   */
  readonly version?: Version;
  /** The major number of its devices. @default 253 */
  readonly major?: number;
  /** What tables can stand on. @default [] */
  readonly disks?: readonly ModelDisk[];
  /** Target types besides linear, striped, zero, error, thin-pool and thin: they take any parameters. @default [] */
  readonly targets?: readonly OtherTarget[];
  /** Where the nodes of its devices are said to be, as for `DeviceMapper.open`. @default '/dev' */
  readonly devDir?: string;
}

/** A kernel for `DeviceMapper.open({ transport })`. Closing it leaves its devices where they are. */
export interface ModelKernel extends Transport {
  /** Another descriptor of the same kernel, as another process would have one. */
  readonly connect: () => Transport;
  /** Open a device, as a mount or a program does. @throws RangeError when there is none, or it never had a table */
  readonly hold: (name: string) => void;
  /** Close it again: a removal that was deferred happens at the last close. @throws RangeError when it is not open */
  readonly release: (name: string) => void;
  /** An event of a device, as its targets raise them. @throws RangeError when it has no live table */
  readonly raise: (name: string) => void;
  /** Use up a pool's space, or put it in another mode; crossing its low-water mark is an event. */
  readonly setPool: (name: string, state: PoolState) => void;
  /** Refuse the next call, or the next `times` calls, with an errno such as `'EBUSY'`. */
  readonly fail: (filter: CallFilter, code: string, options?: FaultOptions) => Fault;
  /** Let the next call, or the next `times` calls, hang until they are aborted or the fault is ended. */
  readonly hang: (filter: CallFilter, options?: FaultOptions) => Fault;
}

const VERSION: Version = [4, 50, 0];
const MAJOR = 253;

/** A kernel without devices. */
export function modelKernel(options: ModelKernelOptions = {}): ModelKernel {
  const { version = VERSION, major = MAJOR, disks = [], targets = [], devDir = '/dev' } = options;
  const kernel: Devices = new Devices({
    version,
    major,
    disks,
    devDir,
    types: targetTypes(() => kernel, version, targets),
  });
  const faults = new Faults();
  const connect = (): Transport => descriptor(kernel, faults);
  /** Do something to a device, and let those know who wait for it. */
  const withDevice = (name: string, change: (device: Device) => void): void => {
    const device = kernel.byName(name);
    if (device === undefined) throw new RangeError(`There is no device ${name}`);
    change(device);
    kernel.closed();
    kernel.waiters.wake();
  };
  return {
    ...connect(),
    connect,
    hold: (name) =>
      withDevice(name, (device) => {
        if (!device.hasDisk) throw new RangeError(`${name} has had no table, and has no node yet`);
        device.holds++;
      }),
    release: (name) =>
      withDevice(name, (device) => {
        if (device.holds === 0) throw new RangeError(`Nobody holds ${name}`);
        device.holds--;
      }),
    raise: (name) =>
      withDevice(name, (device) => {
        if (device.live === undefined) throw new RangeError(`${name} has no live table`);
        kernel.event(device);
      }),
    setPool: (name, state) => withDevice(name, (device) => setPoolState(kernel, device, state)),
    fail: (filter, code, options = {}) => faults.fail(filter, code, options),
    hang: (filter, options = {}) => faults.hang(filter, options),
  };
}

/** An open control node: it remembers the global event counter of its last DM_DEV_ARM_POLL. */
function descriptor(kernel: Devices, faults: Faults): Transport {
  let seen = kernel.globalEventNr;
  const arm = (): void => {
    seen = kernel.globalEventNr;
  };
  return {
    ioctl: async (call: TransportCall): Promise<TransportReply> => {
      const code = await faultOf(kernel, faults, call);
      if (code === undefined) return dispatch(kernel, call, arm);
      const buffer = withVersion(call.buffer, kernel.version);
      return { errno: errnoNumber(code), buffer };
    },
    event: async (signal) => {
      await kernel.waiters.wait(() => kernel.globalEventNr !== seen, signal);
      signal?.throwIfAborted();
    },
    close: () => undefined,
  };
}

async function faultOf(
  kernel: Devices,
  faults: Faults,
  { request, buffer, signal }: TransportCall,
): Promise<string | undefined> {
  const command = commandOf(kernel, request);
  if (command === undefined || faults.none) return undefined;
  const header = dmIoctl.decode(Buffer.concat([buffer, Buffer.alloc(dmIoctl.size)]));
  const payload = buffer.subarray(header.dataStart);
  return faults.meet({ command, header, payload, buffer, signal });
}
