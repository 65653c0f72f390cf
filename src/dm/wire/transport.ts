// The interface to the kernel: one function from a request to a reply or an errno.

import type { KernelLog } from '../../ioctl/kernel/kmsg.ts';

/** The result of one ioctl. */
export interface TransportReply {
  /** 0, or the positive errno. */
  readonly errno: number;
  /** The buffer after the call; may be another object than the one passed in. */
  readonly buffer: Buffer;
  /**
   * The call ran on a thread, which only an abort interrupts. After EINTR without an abort the caller retries.
   */
  readonly threaded?: boolean;
}

/** One ioctl to issue. */
export interface TransportCall {
  /** The ioctl request number. */
  readonly request: number;
  /** The whole request, with zeros after its content. The transport owns it until the reply. */
  readonly buffer: Buffer;
  /** Whether the call may sleep in the kernel, and whether it waits for an event. */
  readonly blocks: 'no' | 'io' | 'event';
  readonly signal?: AbortSignal | undefined;
}

/** The destination of requests: the control node or a replacement. */
export interface Transport {
  /** Issues one request. Rejects only for causes outside the kernel, such as an abort before the call. */
  readonly ioctl: (call: TransportCall) => TransportReply | Promise<TransportReply>;
  /**
   * Waits for an event since the last DM_DEV_ARM_POLL, without a thread.
   * Rejects with the signal's reason.
   */
  readonly event: (signal: AbortSignal | undefined) => Promise<void>;
  /**
   * Marks the current position in the kernel log, which has the reasons of failures; `undefined` if it is unreadable.
   */
  readonly openLog?: () => KernelLog | undefined;
  /** Closes the transport once the running calls have ended. */
  readonly close: () => void;
}
