// Opens a device node that may be missing or wrong although the kernel has the device: in a container, a chroot or an
// initramfs nothing creates nodes. Source: mknod(2).

import { mkdirSync, rmdirSync, type Stats, statSync, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { syscall } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { cText, decodeDevT, encodeDevT } from '../struct/c-values.ts';
import { type NodeNumber, type NodeTarget, numberWords } from './node-target.ts';

const AT_FDCWD = -100;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;
const { EEXIST, ENOENT, ENOTTY } = constants.errno;

/** The type and number of a node, from its descriptor or its path. */
export type NodeStats = Pick<Stats, 'isCharacterDevice' | 'isBlockDevice' | 'rdev'>;

/** A node while it is being opened. It is created if it is missing, and removed again if opening it still fails. */
export class MissingNode {
  readonly #path: string;
  readonly #target: NodeTarget;
  #undo: (() => void) | undefined;
  /** Whether the kernel had the device when the node was created. */
  #wasKnown = true;

  constructor(path: string, target: NodeTarget) {
    this.#path = path;
    this.#target = target;
  }

  /**
   * Creates the node and its directory.
   * @throws SyscallError with a hint: ENOENT if the kernel does not have the device, otherwise the error of the creation
   */
  create(): void {
    const { find, fixed, title } = this.#target;
    const known = find();
    const number = known ?? fixed;
    if (number === undefined) throw this.#absent();
    this.#wasKnown = known !== undefined;
    try {
      this.#undo = createNode(this.#path, number);
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (known === undefined || errno === undefined) throw this.#absent();
      const command = `mkdir -p ${dirname(this.#path)} && mknod -m 600 ${this.#path} ${numberWords(number)}`;
      throw this.#failure(
        -errno,
        `The kernel has ${title}, but this node is missing and cannot be created here. Run "${command}" with permission to create nodes, or start the container with --device ${this.#path}`,
      );
    }
  }

  /** Removes what `create` created. An open descriptor of the node stays valid. */
  discard(): void {
    this.#undo?.();
    this.#undo = undefined;
  }

  /** @throws SyscallError ENOTTY if the open node belongs to another device */
  check(opened: NodeStats): void {
    const hint = this.#wrongNumber(opened);
    if (hint !== undefined) throw this.#failure(ENOTTY, hint);
  }

  /** The error of a failed open, with a hint if one is known. Removes what `create` created. */
  explain(error: unknown): unknown {
    const { errno, code } = error as NodeJS.ErrnoException;
    if (errno === undefined || error instanceof SyscallError) return error;
    const undo = this.#undo;
    undo?.();
    if (undo && !this.#wasKnown) return this.#absent();
    return this.#failure(-errno, this.#hintFor(String(code)));
  }

  #hintFor(code: string): string | undefined {
    switch (code) {
      case 'ENOENT':
        return this.#target.absent;
      case 'ENODEV':
      case 'ENXIO':
        return this.#wrongNumber(statOrNothing(this.#path)) ?? this.#target.absent;
      case 'EPERM':
        return `A device cgroup denies access. Start the container with --device ${this.#path} or with --privileged`;
      case 'EACCES':
        // The mode of a node that `create` created cannot be the reason.
        if (this.#undo)
          return 'Nodes on a filesystem mounted with "nodev" cannot be opened. Remount it with "dev"';
        return process.geteuid?.() === 0
          ? 'The filesystem of the node is mounted with "nodev", or this process lacks the capability CAP_DAC_OVERRIDE'
          : `Only root may use ${this.#target.title}`;
      default:
        return undefined;
    }
  }

  /** The hint for a node of another device. A path that is not a device fails at the first request anyway. */
  #wrongNumber(found: NodeStats | undefined): string | undefined {
    if (!found?.isCharacterDevice() && !found?.isBlockDevice()) return undefined;
    const { major, minor } = decodeDevT(BigInt(found.rdev));
    const type = found.isBlockDevice() ? 'block' : 'character';
    const words = numberWords({ type, major: Number(major), minor: Number(minor) });
    const { fixed, find, title } = this.#target;
    if (fixed && words === numberWords(fixed)) return undefined;
    const right = find() ?? fixed;
    if (right === undefined || words === numberWords(right)) return undefined;
    return `This node is the device "${words}", but ${title} is "${numberWords(right)}". Remove the node; dmts then creates it with the correct number`;
  }

  #absent(): SyscallError {
    return this.#failure(ENOENT, this.#target.absent);
  }

  #failure(errno: number, hint: string | undefined): SyscallError {
    return new SyscallError({ syscall: 'open', errno, path: this.#path, hint });
  }
}

/**
 * Creates a node with mode 600, and its directory.
 * @returns a function that removes both again
 * @throws SyscallError, or Node's own error
 */
export function createNode(path: string, { type, major, minor }: NodeNumber): () => void {
  const removeDirectory = createDirectory(dirname(path));
  const mode = (type === 'block' ? S_IFBLK : S_IFCHR) | 0o600;
  const dev = encodeDevT(BigInt(major), BigInt(minor));
  const { value, errno } = syscall('mknodat', [AT_FDCWD, cText(Buffer.from(path)), mode, dev]);
  // The kernel, udev or another process created it meanwhile. It is not removed.
  if (value === -1 && errno === EEXIST) return () => undefined;
  if (value === -1) {
    removeDirectory();
    throw new SyscallError({ syscall: 'mknodat', errno, path });
  }
  return () => {
    quietly(() => unlinkSync(path));
    removeDirectory();
  };
}

function createDirectory(path: string): () => void {
  try {
    mkdirSync(path, 0o755);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return () => undefined;
  }
  return () => quietly(() => rmdirSync(path));
}

/** Undoes something after a failure. A second failure must not replace the first. */
function quietly(undo: () => void): void {
  try {
    undo();
  } catch {
    // Another process has replaced or removed it.
  }
}

function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
