// Device numbers as stat(2) and mknod(2) have them.

/** A device's number as dev_t packs it. Source: gnu_dev_makedev(3) of glibc, the same in musl. */
export const makeDev = (major: bigint, minor: bigint): bigint =>
  ((major & 0xfffff000n) << 32n) |
  ((major & 0xfffn) << 8n) |
  ((minor & 0xffffff00n) << 12n) |
  (minor & 0xffn);

/** Major and minor number out of a dev_t. */
export const splitDev = (dev: bigint): { readonly major: bigint; readonly minor: bigint } => ({
  major: ((dev >> 32n) & 0xfffff000n) | ((dev >> 8n) & 0xfffn),
  minor: ((dev >> 12n) & 0xffffff00n) | (dev & 0xffn),
});
