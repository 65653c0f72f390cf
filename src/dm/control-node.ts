// The real transport: /dev/mapper/control.

import { closeSync, openSync } from 'node:fs';
import { errnoNumber } from '../ioctl/errno.ts';
import { openKernelLog } from '../ioctl/kmsg.ts';
import { type SyscallResult, syscall, whenReadable } from '../ioctl/libc.ts';
import { supportedArchitecture } from '../ioctl/platform.ts';
import type * as Threads from '../ioctl/threads.ts';
import { permissionError } from '../ioctl/unavailable.ts';
import { DmError } from './errors.ts';
import type { Transport, TransportCall, TransportReply } from './transport.ts';

/** How to reach the kernel. */
export interface ControlNodeOptions {
  /** Where the device nodes are. @default '/dev' */
  readonly devDir: string;
  /**
   * Whether calls that only do I/O run on threads, too. Without, they block the calling thread: right for
   * a program that has nothing else to do. A call that waits for an event always has a thread.
   */
  readonly threads: boolean;
}

/** Threads are loaded for the first call that needs one: a short-lived command that needs none starts sooner. */
const callInThread: typeof Threads.callInThread = async (...call) =>
  (await import('../ioctl/threads.ts')).callInThread(...call);

/**
 * Open the control node; this may load the dm-mod module.
 * @throws DmError with `syscall: 'open'`: ENOENT, ENODEV or ENXIO where the kernel has no device mapper,
 * EACCES or EPERM without the right to use it; UnavailableError on a platform that is not supported
 */
export function openControlNode({ devDir, threads }: ControlNodeOptions): Transport {
  const fd = openNode(`${devDir}/mapper/control`);
  let underWay = 0;
  let closing = false;

  // A closed descriptor's number is given out again: it stays open until no call can still use it.
  const closeWhenIdle = (): void => {
    if (closing && underWay === 0) closeSync(fd);
  };
  return {
    ioctl: ({ request, buffer, blocks, signal }: TransportCall) => {
      // The number may be another file's by now.
      if (closing) return { errno: errnoNumber('EBADF'), buffer };
      if (blocks === 'no' || (blocks === 'io' && !threads)) {
        return { errno: errnoOf(syscall('ioctl', [fd, request, buffer])), buffer };
      }
      underWay += 1;
      return callInThread('ioctl', [fd, request, buffer], signal)
        .then(
          (result): TransportReply => ({
            errno: errnoOf(result),
            buffer: result.bytes[0]!,
            threaded: true,
          }),
        )
        .finally(() => {
          underWay -= 1;
          closeWhenIdle();
        });
    },
    openLog: () => openKernelLog(),
    event: (signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const onAbort = (): void => {
          wait.close();
          reject(signal?.reason);
        };
        const wait = whenReadable(fd, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    close: () => {
      if (closing) return;
      closing = true;
      closeWhenIdle();
    },
  };
}

/**
 * The errno of a call. Linux 6.1 returns 2 for a message to a device without a table, and copies no reply
 * back; later kernels say EINVAL.
 */
const errnoOf = ({ value, errno }: SyscallResult): number =>
  value > 0 ? errnoNumber('EINVAL') : errno;

const UNAVAILABLE =
  'This kernel has no device mapper: load it with "modprobe dm-mod", or boot a kernel built with CONFIG_BLK_DEV_DM';
const HINTS: Readonly<Record<string, string>> = {
  ENOENT: UNAVAILABLE,
  ENODEV: UNAVAILABLE,
  ENXIO: UNAVAILABLE,
  EACCES: 'Only root may drive the device mapper',
  EPERM: 'Only a process with CAP_SYS_ADMIN may drive the device mapper',
};

function openNode(path: string): number {
  // Before the kernel loads a module for us, and before its absence is put down to the kernel.
  supportedArchitecture(`open '${path}'`);
  try {
    return openSync(path, 'r+');
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    // A path that is none was refused by Node, and not by the kernel.
    if (errno === undefined) throw permissionError(`open '${path}'`, error);
    throw new DmError({ errno: -errno, device: path, hint: HINTS[String(code)], cause: error });
  }
}
