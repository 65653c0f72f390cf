// Options for a storage that is small enough for an emulated machine.

/** The supported filesystems of a base device. */
export const filesystems = ['ext4', 'xfs'] as const;

/** One of {@link filesystems}. */
export type Filesystem = (typeof filesystems)[number];

/** The options of both Docker and dmts, as in `--storage-opt`. */
export const storageOptions = (fs: Filesystem): readonly string[] => [
  'dm.loopdatasize=2G',
  'dm.loopmetadatasize=64M',
  'dm.basesize=512M',
  `dm.fs=${fs}`,
];
