// Device numbers in the encoding of stat(2) and mknod(2).

/** Encode a device number as dev_t. Source: gnu_dev_makedev(3) of glibc; musl has the same encoding. */
export const encodeDevT = (major: bigint, minor: bigint): bigint =>
  ((major & 0xfffff000n) << 32n) |
  ((major & 0xfffn) << 8n) |
  ((minor & 0xffffff00n) << 12n) |
  (minor & 0xffn);

/** Decode the major and minor number of a dev_t. */
export const decodeDevT = (dev: bigint): { readonly major: bigint; readonly minor: bigint } => ({
  major: ((dev >> 32n) & 0xfffff000n) | ((dev >> 8n) & 0xfffn),
  minor: ((dev >> 12n) & 0xffffff00n) | (dev & 0xffn),
});
