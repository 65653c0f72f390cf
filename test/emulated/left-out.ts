// The tests of src/ioctl that cannot pass under qemu-user, which is not a kernel, with the reasons.

/** A skipped test. */
export interface LeftOut {
  /** Its file in test/unit/ioctl. */
  readonly file: string;
  readonly title: string;
  readonly reason: string;
}

export const LEFT_OUT: readonly LeftOut[] = [
  {
    file: 'libc/other-systems.test.ts',
    title: 'with a libc without umount2 only unmount fails',
    reason: 'it preloads a library that gcc makes for the processor of this machine',
  },
  {
    file: 'file/openat2.test.ts',
    title: 'a mount point below the directory is not crossed',
    reason: 'it opens /, which the emulator takes for the directory with the emulated libraries',
  },
];
