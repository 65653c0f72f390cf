// The C declarations of the system calls, in koffi's syntax. koffi knows `long` but not `ssize_t`, `off_t` and `dev_t`;
// on every supported architecture these are `long`, `long` and `unsigned long`. Source: manual pages, section 2.

import type { Architecture } from './platform.ts';

/** The supported system calls. */
export type SyscallName =
  | 'ioctl'
  | 'mount'
  | 'umount2'
  | 'syncfs'
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
  | 'utimensat'
  | 'gettid'
  | 'tgkill'
  | 'futex'
  | 'timer_create'
  | 'timer_settime'
  | 'timer_delete';

/** How one system call is made. */
export interface Declaration {
  /** The function of libc. */
  readonly c: string;
  /** The number of the call, for calls that go through syscall(2) because libc may lack a function. */
  readonly number?: (architecture: Architecture) => number;
}

// glibc has a wrapper since 2.43 only. The number is the same on every architecture: <asm-generic/unistd.h>.
const SYS_openat2 = 437;

/** How each system call is made. */
export const DECLARATIONS: Readonly<Record<SyscallName, Declaration>> = {
  // Variadic in C. The ABIs of the supported architectures pass the third argument like a fixed one, and a fixed
  // declaration avoids the type tags of a variadic call.
  ioctl: { c: 'int ioctl(int fd, unsigned long request, void *argument)' },
  mount: {
    c: 'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  },
  umount2: { c: 'int umount2(const char *target, int flags)' },
  syncfs: { c: 'int syncfs(int fd)' },
  flock: { c: 'int flock(int fd, int operation)' },
  lseek: { c: 'long lseek(int fd, long offset, int whence)' },
  read: { c: 'long read(int fd, void *bytes, size_t count)' },
  semget: { c: 'int semget(int key, int count, int flags)' },
  // Variadic in C as well. The last argument is a union with a pointer, so it has the width of a pointer.
  semctl: { c: 'int semctl(int id, int number, int command, unsigned long argument)' },
  semop: { c: 'int semop(int id, void *operations, size_t count)' },
  openat2: {
    c: 'long syscall(long number, long directory, const void *path, const void *how, size_t size)',
    number: () => SYS_openat2,
  },
  // glibc has it since 2.30, musl has it under another name.
  getdents64: {
    c: 'long syscall(long number, long directory, void *entries, size_t size)',
    number: ({ getdents64 }) => getdents64,
  },
  lgetxattr: {
    c: 'long lgetxattr(const void *path, const void *name, void *value, size_t size)',
  },
  llistxattr: { c: 'long llistxattr(const void *path, void *names, size_t size)' },
  lsetxattr: {
    c: 'int lsetxattr(const void *path, const void *name, const void *value, size_t size, int flags)',
  },
  lremovexattr: { c: 'int lremovexattr(const void *path, const void *name)' },
  mknodat: {
    c: 'int mknodat(int directory, const void *name, unsigned int mode, unsigned long device)',
  },
  utimensat: {
    c: 'int utimensat(int directory, const void *name, const void *times, int flags)',
  },
  // glibc has gettid since 2.30, tgkill since 2.31, and the timers since 2.34 (earlier in librt, which Node does not
  // load). It has no futex.
  gettid: { c: 'long syscall(long number)', number: ({ gettid }) => gettid },
  tgkill: {
    c: 'long syscall(long number, long process, long thread, long signal)',
    number: ({ tgkill }) => tgkill,
  },
  futex: {
    c: 'long syscall(long number, void *word, long operation, long value, const void *timeout)',
    number: ({ futex }) => futex,
  },
  timer_create: {
    c: 'long syscall(long number, long clock, const void *event, void *timer)',
    number: ({ timer_create }) => timer_create,
  },
  timer_settime: {
    c: 'long syscall(long number, long timer, long flags, const void *time, void *old)',
    number: ({ timer_settime }) => timer_settime,
  },
  timer_delete: {
    c: 'long syscall(long number, long timer)',
    number: ({ timer_delete }) => timer_delete,
  },
};
