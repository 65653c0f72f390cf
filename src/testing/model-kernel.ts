// The model kernel: devices, tables, events and thin pools with the behaviour of Linux, in memory and without root.

import { dmIoctl, type Version } from '../dm/wire/abi.ts';
import type { Transport, TransportCall, TransportReply } from '../dm/wire/transport.ts';
import { errnoNumber } from '../ioctl/libc/errno.ts';
import { withVersion } from './requests/call.ts';
import { commandOf, dispatch } from './requests/dispatch.ts';
import { type CallFilter, type Fault, type FaultOptions, Faults } from './requests/faults.ts';
import { type PoolState, setPoolState } from './requests/pool-state.ts';
import type { Device } from './state/device.ts';
import { Devices } from './state/devices.ts';
import type { ModelDisk } from './state/disks.ts';
import { type OtherTarget, targetTypes } from './targets/target-types.ts';

/** Options of a model kernel. */
export interface ModelKernelOptions {
  /**
   * Interface version: `[4, 47, 0]` is Linux 6.1, `[4, 48, 0]` 6.12, `[4, 50, 0]` 7.x. The model reproduces the
   * differences between these kernels. @default [4, 50, 0]
   */
  readonly version?: Version;
  /** Major number of the mapped devices. @default 253 */
  readonly major?: number;
  /** Disks that tables can use. @default [] */
  readonly disks?: readonly ModelDisk[];
  /** Target types besides linear, striped, zero, error, thin-pool and thin. They accept any parameters. @default [] */
  readonly targets?: readonly OtherTarget[];
  /** Directory of the device nodes in tables, as in `DeviceMapper.open`. @default '/dev' */
  readonly devDir?: string;
}

/** A kernel for `DeviceMapper.open({ transport })`. Its devices stay when it is closed. */
export interface ModelKernel extends Transport {
  /** Opens another descriptor of the same kernel, like another process. */
  readonly connect: () => Transport;
  /** Opens a device, like a mount or a program. @throws RangeError if it does not exist or has never had a table */
  readonly hold: (name: string) => void;
  /** Closes a device. The last close carries out a deferred removal. @throws RangeError if the device is not open */
  readonly release: (name: string) => void;
  /** Raises an event of a device, like its targets. @throws RangeError if the device has no live table */
  readonly raise: (name: string) => void;
  /** Sets the usage or the mode of a pool. Falling to the low-water mark raises an event. */
  readonly setPool: (name: string, state: PoolState) => void;
  /** Fails the next call, or the next `times` calls, with an errno such as `'EBUSY'`. */
  readonly fail: (filter: CallFilter, code: string, options?: FaultOptions) => Fault;
  /** Blocks the next call, or the next `times` calls, until an abort or the end of the fault. */
  readonly hang: (filter: CallFilter, options?: FaultOptions) => Fault;
}

const VERSION: Version = [4, 50, 0];
const MAJOR = 253;

/** Creates a model kernel without devices. */
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
  /** Changes a device, then wakes the calls that wait for it. */
  const withDevice = (name: string, change: (device: Device) => void): void => {
    const device = kernel.byName(name);
    if (device === undefined) throw new RangeError(`unknown device ${name}`);
    change(device);
    kernel.closed();
    kernel.waiters.wake();
  };
  return {
    ...connect(),
    connect,
    hold: (name) =>
      withDevice(name, (device) => {
        if (!device.hasDisk)
          throw new RangeError(`cannot open ${name}: it has no node before its first table`);
        device.holds++;
      }),
    release: (name) =>
      withDevice(name, (device) => {
        if (device.holds === 0) throw new RangeError(`cannot close ${name}: it is not open`);
        device.holds--;
      }),
    raise: (name) =>
      withDevice(name, (device) => {
        if (device.live === undefined)
          throw new RangeError(`cannot raise an event of ${name}: it has no live table`);
        kernel.event(device);
      }),
    setPool: (name, state) => withDevice(name, (device) => setPoolState(kernel, device, state)),
    fail: (filter, code, options = {}) => faults.fail(filter, code, options),
    hang: (filter, options = {}) => faults.hang(filter, options),
  };
}

/** An open control node. It stores the global event counter of its last DM_DEV_ARM_POLL. */
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
