// The kernel as everything above sees it: one function from a request to a reply or an errno.

import type { KernelLog } from '../ioctl/kmsg.ts';

/** What one ioctl came to. */
export interface TransportReply {
  /** 0, or the positive errno. */
  readonly errno: number;
  /** The buffer as the kernel left it; not necessarily the object that was passed in. */
  readonly buffer: Buffer;
  /**
   * The call ran on a thread that no signal is meant for but an abort's: without an abort, EINTR means
   * only that the call is to be made again.
   */
  readonly threaded?: boolean;
}

/** How one ioctl is to be issued. */
export interface TransportCall {
  /** The ioctl request number. */
  readonly request: number;
  /** The whole request, zeroed behind what was written to it. Lent until the reply. */
  readonly buffer: Buffer;
  /** Whether the kernel may sleep in it, and whether it waits for something to happen. */
  readonly blocks: 'no' | 'io' | 'event';
  readonly signal?: AbortSignal | undefined;
}

/** Where requests go: the control node, or a fake of it. */
export interface Transport {
  /** Issue one request. Rejects only for reasons that are not the kernel's, such as an abort before it began. */
  readonly ioctl: (call: TransportCall) => TransportReply | Promise<TransportReply>;
  /**
   * Wait until something has happened since the last DM_DEV_ARM_POLL. Takes no thread.
   * Rejects with the signal's reason.
   */
  readonly event: (signal: AbortSignal | undefined) => Promise<void>;
  /** Mark this moment in the kernel's log, where refusals leave their reasons; `undefined` where it cannot be read. */
  readonly openLog?: () => KernelLog | undefined;
  /** Let go of the kernel once the calls under way have ended. */
  readonly close: () => void;
}
