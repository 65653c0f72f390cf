// mount(2) and umount2(2).

import {
  checkFields,
  type FieldChecks,
  isFlag,
  isListOf,
  isOneOf,
  isSignal,
  isText,
} from '../input/checks.ts';
import { InputError } from '../input/input-error.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { callInThread } from '../thread/threads.ts';

/** Mount flags by their names in mount(8). Source: <linux/mount.h>. */
const MOUNT_FLAGS = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  remount: 32,
  mand: 64,
  dirsync: 128,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  relatime: 0x20_0000,
  strictatime: 0x100_0000,
} as const;
/** A flag of mount(2) by its name in mount(8). */
export type MountFlag = keyof typeof MOUNT_FLAGS;
const MNT_DETACH = 2;

/** Options of a mount. */
export interface MountOptions {
  /** The block device, or the directory of a bind mount. */
  readonly source: string;
  /** The directory to mount on. */
  readonly target: string;
  /** The filesystem type: `'ext4'`; not needed for a bind mount. */
  readonly type?: string;
  /** @default [] */
  readonly flags?: readonly MountFlag[];
  /** Filesystem-specific options, comma-separated: `'nouuid,discard'`. */
  readonly data?: string;
  readonly signal?: AbortSignal;
}

/** Options of an unmount. */
export interface UnmountOptions {
  /** Detach the mount from the tree now, and unmount it when its last holder has gone (MNT_DETACH). @default false */
  readonly lazy?: boolean;
  readonly signal?: AbortSignal;
}

/** C reads a string up to its first NUL, so a string with NUL would become another path. */
function refuseNul(texts: Readonly<Record<string, string | null>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (text?.includes('\0')) {
      throw new InputError({ field: name, expected: 'a string without NUL', received: text });
    }
  }
}

const MOUNT: FieldChecks<MountOptions> = {
  source: isText,
  target: isText,
  type: isText,
  flags: isListOf(isOneOf(...Object.keys(MOUNT_FLAGS))),
  data: isText,
  signal: isSignal,
};
const UNMOUNT: FieldChecks<UnmountOptions> = { lazy: isFlag, signal: isSignal };

/** Mounts a filesystem. @throws SyscallError with `path` set to the target */
export async function mount(options: MountOptions): Promise<void> {
  checkFields(options, MOUNT, ['source', 'target']);
  const { source, target, type = null, flags = [], data = null, signal } = options;
  refuseNul({ source, target, type, data });
  const bits = flags.reduce((all, flag) => all | MOUNT_FLAGS[flag], 0);
  const { value, errno } = await callInThread('mount', [source, target, type, bits, data], signal);
  if (value === -1) {
    throw new SyscallError({ syscall: 'mount', errno, operation: `${source} on`, path: target });
  }
}

/**
 * Unmounts the filesystem that is mounted on `target`.
 * @throws SyscallError EBUSY while files are open, EINVAL if `target` is not a mount point
 */
export async function unmount(target: string, options: UnmountOptions = {}): Promise<void> {
  isText(target, 'target');
  checkFields(options, UNMOUNT);
  const { lazy = false, signal } = options;
  refuseNul({ target });
  const { value, errno } = await callInThread('umount2', [target, lazy ? MNT_DETACH : 0], signal);
  if (value === -1) throw new SyscallError({ syscall: 'umount2', errno, path: target });
}
