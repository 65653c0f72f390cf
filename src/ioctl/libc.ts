// The only file that knows koffi. Each function is one system call: it runs on the calling thread,
// and its errno is read before anything else can run.

import koffi from 'koffi';

/** The system calls of this file. */
export type SyscallName =
  | 'ioctl'
  | 'mount'
  | 'umount2'
  | 'flock'
  | 'lseek'
  | 'read'
  | 'semget'
  | 'semctl'
  | 'semop'
  | 'openat2'
  | 'getdents64'
  | 'lgetxattr'
  | 'llistxattr'
  | 'lsetxattr'
  | 'lremovexattr'
  | 'mknodat'
  | 'utimensat';

const libc = koffi.load(null);

// glibc has no wrapper for it before 2.43. Its number is the same on every architecture that koffi ships for.
const SYS_openat2 = 437;
const openat2 = libc.func(
  'int64_t syscall(long number, long directory, const void *path, const void *how, size_t size)',
);

// musl has it by another name. Source: the kernel's tables of system calls; 61 is that of every architecture since arm64.
const SYS_getdents64 =
  ({ x64: 217, ia32: 220, arm: 217 } as Record<string, number>)[process.arch] ?? 61;
const getdents64 = libc.func(
  'int64_t syscall(long number, long directory, void *entries, size_t size)',
);

// ioctl(2) is variadic in C and declared with its three arguments here: the same on every Linux ABI
// that koffi ships for, and it spares the type tags of a variadic call.
const native: Readonly<Record<SyscallName, (...args: readonly SyscallArgument[]) => unknown>> = {
  ioctl: libc.func('int ioctl(int fd, unsigned long request, void *argument)'),
  mount: libc.func(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  ),
  umount2: libc.func('int umount2(const char *target, int flags)'),
  flock: libc.func('int flock(int fd, int operation)'),
  lseek: libc.func('int64_t lseek(int fd, int64_t offset, int whence)'),
  read: libc.func('int64_t read(int fd, void *bytes, size_t count)'),
  semget: libc.func('int semget(int key, int count, int flags)'),
  // Variadic in C as well; the commands used here take a number as the last argument, or nothing.
  semctl: libc.func('int semctl(int id, int number, int command, unsigned long argument)'),
  semop: libc.func('int semop(int id, void *operations, size_t count)'),
  openat2: (...args) => openat2(SYS_openat2, ...args),
  getdents64: (...args) => getdents64(SYS_getdents64, ...args),
  lgetxattr: libc.func(
    'int64_t lgetxattr(const void *path, const void *name, void *value, size_t size)',
  ),
  llistxattr: libc.func('int64_t llistxattr(const void *path, void *names, size_t size)'),
  lsetxattr: libc.func(
    'int lsetxattr(const void *path, const void *name, const void *value, size_t size, int flags)',
  ),
  lremovexattr: libc.func('int lremovexattr(const void *path, const void *name)'),
  mknodat: libc.func(
    'int mknodat(int directory, const void *name, unsigned int mode, unsigned long device)',
  ),
  utimensat: libc.func(
    'int utimensat(int directory, const void *name, const void *times, int flags)',
  ),
};

/** One argument of a system call. Bytes are passed by address: the kernel reads and writes them in place. */
export type SyscallArgument = number | bigint | string | null | Uint8Array;

/** What a system call returned. */
export interface SyscallResult {
  /** The return value; -1 means failure. */
  readonly value: number;
  /** The positive errno of a failure, 0 otherwise. */
  readonly errno: number;
}

/**
 * Make one system call on this thread and wait for it.
 * Bytes must be zeroed by the caller and never come from a pool: the kernel may copy them whole.
 */
export function syscall(name: SyscallName, args: readonly SyscallArgument[]): SyscallResult {
  const value = Number(native[name](...args));
  return { value, errno: value === -1 ? koffi.errno() : 0 };
}

/** Where in memory bytes lie. Those of a Buffer of 64 bytes or more stay there, on another thread too. */
export const addressOf = (bytes: Uint8Array): bigint => koffi.address(bytes);

/**
 * Call `onReadable` once, when `fd` is readable; no thread waits meanwhile. `close` gives up.
 * This part of koffi is not documented, and its typings leave out the callback's first argument.
 */
export function whenReadable(fd: number, onReadable: () => void): { readonly close: () => void } {
  const handle = koffi.node.poll(fd, { readable: true }, () => {
    handle.close();
    onReadable();
  });
  return { close: () => handle.close() };
}

const pthreadSelf = libc.func('unsigned long pthread_self()');
const pthreadKill = libc.func('int pthread_kill(unsigned long thread, int signal)');
const sigaction = libc.func('int sigaction(int signal, void *action, void *old)');

/** The calling thread, as `pthread_self` names it: good for `signalThread` while that thread lives. */
export const currentThread = (): bigint => BigInt(pthreadSelf());

/** Send a signal to one thread of this process. */
export function signalThread(thread: bigint, signal: number): void {
  pthreadKill(thread, signal);
}

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
  const action = Buffer.alloc(SIGACTION_SIZE);
  sigaction(signal, null, action);
  const handler = new BigUint64Array(action.buffer, action.byteOffset, 1);
  if (handler[0]! <= SIG_IGN) handler[0] = BigInt(libc.symbol('abs'));
  const flags = new Uint32Array(action.buffer, action.byteOffset + SIGACTION_FLAGS, 1);
  flags[0] = flags[0]! & ~SA_RESTART;
  sigaction(signal, action, null);
}
