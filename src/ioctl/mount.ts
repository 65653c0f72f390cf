// mount(2) and umount2(2), without the mount program.

import {
  checkFields,
  type FieldChecks,
  isFlag,
  isListOf,
  isOneOf,
  isSignal,
  isText,
} from './checks.ts';
import { InputError } from './input-error.ts';
import { SyscallError } from './syscall-error.ts';
import { callInThread } from './threads.ts';

/** Mount flags by the names that mount(8) gives them. Source: <linux/mount.h>. */
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
/** A flag of mount(2), as mount(8) calls it. */
export type MountFlag = keyof typeof MOUNT_FLAGS;
const MNT_DETACH = 2;

/** What to mount, and how. */
export interface MountOptions {
  /** The block device, or for a bind mount the directory. */
  readonly source: string;
  /** The directory to mount on. */
  readonly target: string;
  /** The filesystem: `'ext4'`; not needed for a bind mount. */
  readonly type?: string;
  /** @default [] */
  readonly flags?: readonly MountFlag[];
  /** Options for the filesystem itself, comma-separated: `'nouuid,discard'`. */
  readonly data?: string;
  readonly signal?: AbortSignal;
}

/** How to unmount. */
export interface UnmountOptions {
  /** Take it out of the tree at once, and unmount it when its last user has gone. @default false */
  readonly lazy?: boolean;
  readonly signal?: AbortSignal;
}

/** C would read a text up to its first NUL: another path than the one that was meant. */
function refuseNul(texts: Readonly<Record<string, string | null>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (text?.includes('\0')) {
      throw new InputError({ field: name, expected: 'a text without NUL', received: text });
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

/** Mount a filesystem. @throws SyscallError with `path` set to the target */
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
 * Unmount what is mounted on `target`.
 * With `lazy` it leaves the tree at once and is unmounted when its last user has gone.
 * @throws SyscallError EBUSY while files are open, EINVAL when nothing is mounted there
 */
export async function unmount(target: string, options: UnmountOptions = {}): Promise<void> {
  isText(target, 'target');
  checkFields(options, UNMOUNT);
  const { lazy = false, signal } = options;
  refuseNul({ target });
  const { value, errno } = await callInThread('umount2', [target, lazy ? MNT_DETACH : 0], signal);
  if (value === -1) throw new SyscallError({ syscall: 'umount2', errno, path: target });
}
