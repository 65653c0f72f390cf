// One entry of a layer's tar, whatever form its header has.

/** What an entry can be, and the letter that says so. Source: pax(1), ustar Interchange Format. */
export const TYPE_FLAGS = {
  file: '0',
  link: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
} as const;

/** What an entry is. */
export type EntryType = keyof typeof TYPE_FLAGS;

/** An entry. Texts have one byte to a character. */
export interface TarEntry {
  readonly type: EntryType;
  /** As the tar has it: whether it is a path inside the layer has not been looked at. */
  readonly path: string;
  /** What a link leads to. */
  readonly linkPath: string;
  /** Permissions, setuid, setgid and sticky bit. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content that follow; 0 for all but a file. */
  readonly size: bigint;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Of a device. */
  readonly major: bigint;
  readonly minor: bigint;
  readonly xattrs: ReadonlyMap<string, Buffer>;
  /** Whether it has no extended attributes but these; else nothing is said about others. */
  readonly allXattrs: boolean;
}

/** In front of an extended attribute's name in the key of its record. Docker, GNU tar, bsdtar and star say it so. */
export const XATTR = 'SCHILY.xattr.';
/** Our own record, on a directory that has lost attributes: those in this entry are all it has. */
export const ALL_XATTRS = 'DMTS.allxattrs';
