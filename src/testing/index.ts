// Code on the device mapper, tested without root and without a kernel.

export { Dm, type DmCommand } from '../dm/commands.ts';
export { DmFlag } from '../dm/flags.ts';
export type { Transport, TransportCall, TransportReply } from '../dm/transport.ts';
export {
  type FakeReply,
  type FakeRequest,
  fakeKernel,
  type KernelFunction,
} from './fake-kernel.ts';
