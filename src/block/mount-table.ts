// Parses /proc/PID/mountinfo and /proc/swaps. Source: proc(5).

/** One mount, as the kernel lists it. */
export interface MountEntry {
  /** `'253:0'`. The major number is 0 for a filesystem that is not on a single block device, such as btrfs. */
  readonly dev: string;
  readonly path: string;
  /** The source that the mounting program gave: `'/dev/dm-0'`, but also `'tmpfs'`. */
  readonly source: string;
}

/** Decodes blanks and control characters, which the kernel writes as three octal digits. */
const plain = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

// 36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/sda1 rw,errors=continue
const MOUNT = /^\d+ \d+ (\d+:\d+) \S+ (\S+) \S+ (?:\S+ )*?- \S+ (\S*) /;

/** Parses the mounts of a mountinfo text. Lines in another form are skipped: a newer kernel may have added them. */
export function parseMountInfo(text: string): readonly MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, dev, path, source] = MOUNT.exec(line) ?? [];
    if (dev === undefined || path === undefined || source === undefined) return [];
    return [{ dev, path: plain(path), source: plain(source) }];
  });
}

/** Parses the devices of `/proc/swaps`; swap files are skipped. */
export function parseSwaps(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [path, type] = line.split(/\s+/);
    return path !== undefined && type === 'partition' ? [plain(path)] : [];
  });
}
