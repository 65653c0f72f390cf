// The real transport: /dev/mapper/control.

import { closeSync, fstatSync, openSync } from 'node:fs';
import { MissingNode } from '../../ioctl/device/missing-node.ts';
import { miscTarget } from '../../ioctl/device/node-target.ts';
import { onAbort } from '../../ioctl/input/on-abort.ts';
import { openKernelLog } from '../../ioctl/kernel/kmsg.ts';
import { errnoNumber } from '../../ioctl/libc/errno.ts';
import { type SyscallResult, syscall, whenReadable } from '../../ioctl/libc/libc.ts';
import { supportedArchitecture } from '../../ioctl/libc/platform.ts';
import { permissionError } from '../../ioctl/libc/unavailable.ts';
import type * as Threads from '../../ioctl/thread/threads.ts';
import { DmError } from './errors.ts';
import type { Transport, TransportCall, TransportReply } from './transport.ts';

/** The options of `openControlNode`. */
export interface ControlNodeOptions {
  /** The directory of device nodes. @default '/dev' */
  readonly devDir: string;
  /**
   * Whether calls that only do I/O run on threads too. Without threads they block the calling thread, which suits
   * a program with nothing else to do. A call that waits for an event always runs on a thread.
   */
  readonly threads: boolean;
  /** The mount point of proc(5). @default '/proc' */
  readonly procDir?: string;
}

/** Loads the thread pool on the first call that needs it: a short command without threads starts faster. */
const callOnceInThread: typeof Threads.callOnceInThread = async (...call) =>
  (await import('../../ioctl/thread/threads.ts')).callOnceInThread(...call);

/**
 * Opens the control node. The open may load the module dm-mod. Creates a missing node, as libdevmapper does.
 * @throws DmError with `syscall: 'open'`: ENOENT, ENODEV or ENXIO if the kernel has no device mapper,
 * EACCES or EPERM without permission, ENOTTY for a node of another device; UnavailableError on an unsupported platform
 */
export function openControlNode({ devDir, threads, procDir }: ControlNodeOptions): Transport {
  const fd = openNode(`${devDir}/mapper/control`, procDir);
  let callsUnderWay = 0;
  let closing = false;

  // The kernel reuses the numbers of closed descriptors: the descriptor stays open until its last call has ended.
  const closeWhenIdle = (): void => {
    if (closing && callsUnderWay === 0) closeSync(fd);
  };
  return {
    ioctl: ({ request, buffer, blocks, signal }: TransportCall) => {
      // The descriptor number may belong to another file by now.
      if (closing) return { errno: errnoNumber('EBADF'), buffer };
      if (blocks === 'no' || (blocks === 'io' && !threads)) {
        return { errno: errnoOf(syscall('ioctl', [fd, request, buffer])), buffer };
      }
      callsUnderWay += 1;
      // No retry here: the kernel may have wiped the keys in the request, so the caller builds it again.
      return callOnceInThread('ioctl', [fd, request, buffer], signal)
        .then(
          (result): TransportReply => ({
            errno: errnoOf(result),
            buffer: result.bytes[0]!,
            threaded: true,
          }),
        )
        .finally(() => {
          callsUnderWay -= 1;
          closeWhenIdle();
        });
    },
    openLog: () => openKernelLog(),
    event: (signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const wait = whenReadable(fd, () => {
          stopListening();
          resolve();
        });
        const stopListening = onAbort(signal, () => {
          wait.close();
          reject(signal?.reason);
        });
      }),
    close: () => {
      if (closing) return;
      closing = true;
      closeWhenIdle();
    },
  };
}

/**
 * The errno of a call. Linux 6.1 returns 2 for a message to a device without a table, and copies no reply;
 * later kernels return EINVAL.
 */
const errnoOf = ({ value, errno }: SyscallResult): number =>
  value > 0 ? errnoNumber('EINVAL') : errno;

const UNAVAILABLE =
  'This kernel has no device mapper: load it with "modprobe dm-mod", or boot a kernel built with CONFIG_BLK_DEV_DM';
/** MAPPER_CTRL_MINOR */
const MINOR = 236;

function openNode(path: string, procDir: string | undefined): number {
  // This check precedes open(2), which may load a module. On an unsupported platform, the error must not blame a missing node.
  supportedArchitecture(`open '${path}'`);
  const texts = { title: 'the device mapper', absent: UNAVAILABLE };
  const node = new MissingNode(path, miscTarget('device-mapper', MINOR, texts, procDir));
  try {
    return openOrCreate(path, node);
  } catch (error) {
    const { errno, hint } = error as NodeJS.ErrnoException & { readonly hint?: string };
    // Node, not the kernel, rejected an invalid path.
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

/** Opens the node and checks its device number: no other device may receive the requests. */
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
