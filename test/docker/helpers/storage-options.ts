// A storage small enough for an emulated machine.

/** The filesystems that a base device can have. */
export const filesystems = ['ext4', 'xfs'] as const;

/** One of {@link filesystems}. */
export type Filesystem = (typeof filesystems)[number];

/** What both Docker and dmts are started with, as in `--storage-opt`. */
export const storageOptions = (fs: Filesystem): readonly string[] => [
  'dm.loopdatasize=2G',
  'dm.loopmetadatasize=64M',
  'dm.basesize=512M',
  `dm.fs=${fs}`,
];
