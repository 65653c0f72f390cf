// Fake kernels for tests of code that uses the device mapper, without root and without a kernel.

export type { DmHeader } from '../dm/wire/abi.ts';
export type { CommandName } from '../dm/wire/commands.ts';
export { Dm, type DmCommand } from '../dm/wire/commands.ts';
export { DmFlag } from '../dm/wire/flags.ts';
export type { Transport, TransportCall, TransportReply } from '../dm/wire/transport.ts';
export { type ModelKernel, type ModelKernelOptions, modelKernel } from './model-kernel.ts';
export {
  type FakeReply,
  type FakeRequest,
  fakeKernel,
  type KernelFunction,
} from './requests/fake-kernel.ts';
export type { CallFilter, Fault, FaultOptions } from './requests/faults.ts';
export type { PoolState } from './requests/pool-state.ts';
export type { ModelDisk } from './state/disks.ts';
export type { PoolMode } from './state/pool.ts';
export type { OtherTarget } from './targets/target-types.ts';
