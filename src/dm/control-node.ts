// The real transport: /dev/mapper/control.

import { closeSync, fstatSync, openSync } from 'node:fs';
import { errnoNumber } from '../ioctl/errno.ts';
import { openKernelLog } from '../ioctl/kmsg.ts';
import { type SyscallResult, syscall, whenReadable } from '../ioctl/libc.ts';
import { MissingNode } from '../ioctl/missing-node.ts';
import { miscTarget } from '../ioctl/node-target.ts';
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
  /** Where proc(5) is mounted. @default '/proc' */
  readonly procDir?: string;
}

/** Threads are loaded for the first call that needs one: a short-lived command that needs none starts sooner. */
const callOnceInThread: typeof Threads.callOnceInThread = async (...call) =>
  (await import('../ioctl/threads.ts')).callOnceInThread(...call);

/**
 * Open the control node; this may load the dm-mod module. A node that is missing is created, as libdevmapper does.
 * @throws DmError with `syscall: 'open'`: ENOENT, ENODEV or ENXIO where the kernel has no device mapper,
 * EACCES or EPERM without the right to use it, ENOTTY for a node of another device; UnavailableError on a platform
 * that is not supported
 */
export function openControlNode({ devDir, threads, procDir }: ControlNodeOptions): Transport {
  const fd = openNode(`${devDir}/mapper/control`, procDir);
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
      // Once: it is for the caller to repeat a request, with its keys, which the kernel may have wiped.
      return callOnceInThread('ioctl', [fd, request, buffer], signal)
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
  EACCES: 'Only root may drive the device mapper',
};
/** MAPPER_CTRL_MINOR */
const MINOR = 236;

function openNode(path: string, procDir: string | undefined): number {
  // Before the kernel loads a module for us, and before its absence is put down to the kernel.
  supportedArchitecture(`open '${path}'`);
  const words = { title: 'the device mapper', absent: UNAVAILABLE };
  const node = new MissingNode(path, miscTarget('device-mapper', MINOR, words, procDir));
  try {
    return openOrCreate(path, node);
  } catch (error) {
    const {
      code,
      errno,
      hint = HINTS[String(code)],
    } = error as NodeJS.ErrnoException & {
      readonly hint?: string;
    };
    // A path that is none was refused by Node, and not by the kernel.
    if (errno === undefined) throw permissionError(`open '${path}'`, error);
    throw new DmError({ errno: -errno, device: path, hint, cause: error });
  }
}

function openOrCreate(path: string, node: MissingNode): number {
  try {
    return openChecked(path, node);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw node.explain(error);
  }
  node.create();
  try {
    return openChecked(path, node);
  } catch (error) {
    throw node.explain(error);
  }
}

/** No other device is to get our requests. */
function openChecked(path: string, node: MissingNode): number {
  const fd = openSync(path, 'r+');
  try {
    node.check(fstatSync(fd));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
