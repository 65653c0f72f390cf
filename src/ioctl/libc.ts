// The only file that knows koffi. Each function is one system call: it runs on the calling thread,
// and its errno is read before anything else can run.
//
// Nothing is loaded or looked up before its first call: the package can be imported, and tested with a kernel that is
// a function, on any system.

import { isMainThread } from 'node:worker_threads';
import type koffi from 'koffi';
import { DECLARATIONS, type SyscallName } from './declarations.ts';
import { requireHere } from './here.ts';
import { type Architecture, supportedArchitecture } from './platform.ts';
import { koffiUnavailable, UnavailableError } from './unavailable.ts';

export type { SyscallName } from './declarations.ts';

/** One argument of a system call. Bytes are passed by address: the kernel reads and writes them in place. */
export type SyscallArgument = number | bigint | string | null | Uint8Array;

/** What a system call returned. */
export interface SyscallResult {
  /** The return value; -1 means failure. */
  readonly value: number;
  /** The positive errno of a failure, 0 otherwise. */
  readonly errno: number;
}

interface Library {
  readonly koffi: typeof koffi;
  readonly libc: ReturnType<typeof koffi.load>;
  readonly architecture: Architecture;
  /** The address of a function that touches nothing. */
  readonly idle: bigint;
}

let library: Library | undefined;

/** libc, loaded when it is first needed: for `call`, which the error names. */
function loaded(call: string): Library {
  if (library === undefined) {
    library = load(call);
    if (!isMainThread) findAll();
  }
  return library;
}

function load(call: string): Library {
  const architecture = supportedArchitecture(`call ${call}`);
  try {
    const { default: koffi } = requireHere('koffi') as typeof import('koffi');
    const libc = koffi.load(null);
    return { koffi, libc, architecture, idle: BigInt(libc.symbol('abs')) };
  } catch (error) {
    throw koffiUnavailable(error);
  }
}

type NativeFunction = (...args: readonly SyscallArgument[]) => unknown;

const functions = new Map<string, NativeFunction>();

/** A function of libc by its declaration, looked up once. @throws UnavailableError */
function find(call: string, declaration: string): NativeFunction {
  const known = functions.get(declaration);
  if (known !== undefined) return known;
  const { libc } = loaded(call);
  try {
    const found: NativeFunction = libc.func(declaration);
    functions.set(declaration, found);
    return found;
  } catch (cause) {
    throw new UnavailableError(
      `cannot call ${call}: this system's C library has none; dmts drives Linux only`,
      { cause },
    );
  }
}

/**
 * Look up all functions now. A thread that is terminated while koffi looks one up aborts the process, so a thread that
 * can be terminated does this once, together with loading koffi. A function that libc lacks is left to its first call,
 * which names it.
 */
function findAll(): void {
  for (const [call, declaration] of [
    ...Object.entries(DECLARATIONS).map(([name, { c }]) => [name, c] as const),
    ['sigaction', SIGACTION] as const,
  ]) {
    try {
      find(call, declaration);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
  }
}

/**
 * Make sure that a system call can be made, without making it.
 * @throws UnavailableError where it cannot
 */
export function checkSyscall(name: SyscallName): void {
  find(name, DECLARATIONS[name].c);
}

/**
 * Make one system call on this thread and wait for it.
 * Bytes must be zeroed by the caller and never come from a pool: the kernel may copy them whole.
 * @throws UnavailableError where it cannot be made
 */
export function syscall(name: SyscallName, args: readonly SyscallArgument[]): SyscallResult {
  const { c, number } = DECLARATIONS[name];
  const call = find(name, c);
  const { koffi, architecture } = loaded(name);
  const result = number === undefined ? call(...args) : call(number(architecture), ...args);
  const value = Number(result);
  return { value, errno: value === -1 ? koffi.errno() : 0 };
}

/** Where in memory bytes lie. Those of a Buffer of 64 bytes or more stay there, on another thread too. */
export const addressOf = (bytes: Uint8Array): bigint => loaded('read').koffi.address(bytes);

/**
 * Call `onReadable` once, when `fd` is readable; no thread waits meanwhile. `close` gives up.
 * This part of koffi is not documented, and its typings leave out the callback's first argument.
 * @throws UnavailableError in Bun
 */
export function whenReadable(fd: number, onReadable: () => void): { readonly close: () => void } {
  // Bun ends the whole process at the first call of a function of libuv that it lacks.
  if (process.versions['bun'] !== undefined) {
    throw new UnavailableError(
      'cannot wait until a file is readable: Bun has no uv_poll_start. Run the program with Node or Deno to watch devices; waiting for one device (wait) works in Bun, too',
    );
  }
  const handle = loaded('poll').koffi.node.poll(fd, { readable: true }, () => {
    handle.close();
    onReadable();
  });
  return { close: () => handle.close() };
}

const SIGACTION = 'int sigaction(int signal, void *action, void *old)';

// struct sigaction of glibc and musl on 64-bit Linux: handler, 128 bytes of mask, flags, restorer.
const SIGACTION_SIZE = 152;
const SIGACTION_FLAGS = 136;
const SA_RESTART = 0x10000000;
const SIG_IGN = 1n;

/**
 * Make `signal` end a blocking system call with EINTR and do nothing else.
 * A handler that somebody installed stays; without one a function of libc that touches nothing serves
 * (a handler in JavaScript would have to wait for the very thread that is blocked).
 */
export function makeSignalInterrupt(signal: number): void {
  const sigaction = find('sigaction', SIGACTION);
  const action = Buffer.alloc(SIGACTION_SIZE);
  sigaction(signal, null, action);
  const handler = new BigUint64Array(action.buffer, action.byteOffset, 1);
  if (handler[0]! <= SIG_IGN) handler[0] = loaded('sigaction').idle;
  const flags = new Uint32Array(action.buffer, action.byteOffset + SIGACTION_FLAGS, 1);
  flags[0] = flags[0]! & ~SA_RESTART;
  sigaction(signal, action, null);
}
