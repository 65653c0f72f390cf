// /proc/PID/mountinfo and /proc/swaps as records. Source: proc(5).

/** One mount, as the kernel lists it. */
export interface MountEntry {
  /** `'253:0'`; with a major number of 0 for filesystems that are not on one block device, as btrfs says of itself. */
  readonly dev: string;
  readonly path: string;
  /** What the mounting program named: `'/dev/dm-0'`, but also `'tmpfs'`. */
  readonly source: string;
}

/** Blanks and the like are written as three octal digits. */
const plain = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

// 36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/sda1 rw,errors=continue
const MOUNT = /^\d+ \d+ (\d+:\d+) \S+ (\S+) \S+ (?:\S+ )*?- \S+ (\S*) /;

/** The mounts of a mountinfo text. Lines in another form are passed over: a newer kernel may have added to it. */
export function parseMountInfo(text: string): readonly MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, dev, path, source] = MOUNT.exec(line) ?? [];
    if (dev === undefined || path === undefined || source === undefined) return [];
    return [{ dev, path: plain(path), source: plain(source) }];
  });
}

/** The devices of `/proc/swaps`; its files are no devices. */
export function parseSwaps(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [path, type] = line.split(/\s+/);
    return path !== undefined && type === 'partition' ? [plain(path)] : [];
  });
}
