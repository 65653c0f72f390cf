// Fake kernels for tests of code that uses the device mapper, without root and without a kernel.

export type { DmHeader } from '../dm/abi.ts';
export type { CommandName } from '../dm/commands.ts';
export { Dm, type DmCommand } from '../dm/commands.ts';
export { DmFlag } from '../dm/flags.ts';
export type { Transport, TransportCall, TransportReply } from '../dm/transport.ts';
export {
  type FakeReply,
  type FakeRequest,
  fakeKernel,
  type KernelFunction,
} from './fake-kernel.ts';
export type { ModelDisk } from './model/disks.ts';
export type { CallFilter, Fault, FaultOptions } from './model/faults.ts';
export type { PoolMode } from './model/pool.ts';
export type { PoolState } from './model/pool-state.ts';
export type { OtherTarget } from './model/target-types.ts';
export { type ModelKernel, type ModelKernelOptions, modelKernel } from './model-kernel.ts';
