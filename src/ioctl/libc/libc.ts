// The only file that imports koffi. Each system call runs on the calling thread, and its errno is read before any other
// code can run.
//
// koffi and each function of libc are loaded at the first call only, so that any system can import the package and run
// tests on a fake kernel.

import type koffi from 'koffi';
import { DECLARATIONS, type SyscallName } from './declarations.ts';
import { requireHere } from './here.ts';
import { type Architecture, supportedArchitecture } from './platform.ts';
import { koffiUnavailable, UnavailableError } from './unavailable.ts';

export type { SyscallName } from './declarations.ts';

/** An argument of a system call. Bytes are passed by address: the kernel reads and writes them in place. */
export type SyscallArgument = number | bigint | string | null | Uint8Array;

/** The result of a system call. */
export interface SyscallResult {
  /** The return value; -1 for a failure. */
  readonly value: number;
  /** The positive errno of a failure, 0 otherwise. */
  readonly errno: number;
}

interface Library {
  readonly koffi: typeof koffi;
  readonly libc: ReturnType<typeof koffi.load>;
  readonly architecture: Architecture;
  /** The address of a function without side effects. */
  readonly idle: bigint;
}

let library: Library | undefined;

/** libc, loaded at the first use. `call` is the name for the error. */
function loaded(call: string): Library {
  if (library === undefined) {
    library = load(call);
    // Loaded with koffi: it loads streams, and a short command that makes no call needs neither.
    const { isMainThread } = requireHere(
      'node:worker_threads',
    ) as typeof import('node:worker_threads');
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

/** A function of libc by its declaration, looked up once. @throws UnavailableError if libc lacks it */
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
      `cannot call ${call}: the C library of this system lacks the function. dmts supports Linux only`,
      { cause },
    );
  }
}

/**
 * Looks up all functions. Terminating a thread while koffi looks up a function aborts the process, so a thread that can
 * be terminated looks up all of them once, right after it loads koffi. The first call of a function that libc lacks
 * throws the error.
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
 * Checks that a system call is available, without making it.
 * @throws UnavailableError if it is not
 */
export function checkSyscall(name: SyscallName): void {
  find(name, DECLARATIONS[name].c);
}

/**
 * Makes one system call on this thread and waits for it. The caller zeroes the unused bytes of a buffer and does not take
 * it from a pool: the kernel may copy all of it.
 * @throws UnavailableError if the system call is not available
 */
export function syscall(name: SyscallName, args: readonly SyscallArgument[]): SyscallResult {
  const { c, number } = DECLARATIONS[name];
  const call = find(name, c);
  const { koffi, architecture } = loaded(name);
  const result = number === undefined ? call(...args) : call(number(architecture), ...args);
  const value = Number(result);
  return { value, errno: value === -1 ? koffi.errno() : 0 };
}

/** The memory address of bytes. It is fixed for a Buffer of 64 bytes or more, also on another thread. */
export const addressOf = (bytes: Uint8Array): bigint => loaded('read').koffi.address(bytes);

/**
 * Calls `onReadable` once, when `fd` is readable. No thread waits meanwhile. `close` cancels.
 * koffi does not document this function, and its types lack the first argument of the callback.
 * @throws UnavailableError in Bun
 */
export function whenReadable(fd: number, onReadable: () => void): { readonly close: () => void } {
  // Bun ends the process at the first call of a libuv function that it lacks.
  if (process.versions['bun'] !== undefined) {
    throw new UnavailableError(
      'cannot wait until a file is readable: Bun lacks uv_poll_start. Run the program with Node or Deno to watch devices. In Bun, wait for a single device instead (wait)',
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
 * Makes `signal` interrupt a blocking system call with EINTR and do nothing else. An installed handler stays. Otherwise
 * the handler is a libc function without side effects: a JavaScript handler could not run while its thread is blocked.
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
