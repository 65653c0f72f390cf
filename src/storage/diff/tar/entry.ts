// One entry of a layer's tar, independent of the form of its header.

/** The types of entries and their letters. Source: pax(1), ustar Interchange Format. */
export const TYPE_FLAGS = {
  file: '0',
  link: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
} as const;

/** The type of an entry. */
export type EntryType = keyof typeof TYPE_FLAGS;

/** An entry. Texts have one byte per character. */
export interface TarEntry {
  readonly type: EntryType;
  /** The path in the tar, not checked yet. */
  readonly path: string;
  /** The target of a link. */
  readonly linkPath: string;
  /** Permissions, setuid, setgid and sticky bit. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for all types but a file. */
  readonly size: bigint;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Number of a device. */
  readonly major: bigint;
  readonly minor: bigint;
  readonly xattrs: ReadonlyMap<string, Buffer>;
  /** Whether the file has no other extended attributes. If false, others are unknown. */
  readonly allXattrs: boolean;
}

/**
 * The prefix of an extended attribute's name in the key of its record, as Docker, GNU tar, bsdtar and star write it.
 */
export const XATTR = 'SCHILY.xattr.';
/** A record of this library, on a directory that lost attributes: it has only those of its entry. */
export const ALL_XATTRS = 'DMTS.allxattrs';
