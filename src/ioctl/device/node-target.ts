// Finds the device number of a node in /dev. Source: proc(5) (/proc/misc), the kernel's
// Documentation/admin-guide/devices.txt and Documentation/ABI/testing/sysfs-block.

import { readFileSync } from 'node:fs';

const MISC_MAJOR = 10;

/** The type and number of a device. */
export interface NodeNumber {
  readonly type: 'character' | 'block';
  readonly major: number;
  readonly minor: number;
}

/** `'c 10 236'`, the arguments of mknod(1). */
export const numberWords = ({ type, major, minor }: NodeNumber): string =>
  `${type.slice(0, 1)} ${major} ${minor}`;

/** The device to which a node must lead. */
export interface NodeTarget {
  /** Description of the device: `'the device mapper'`. */
  readonly title: string;
  /** Its number, if the kernel has the device now. */
  readonly find: () => NodeNumber | undefined;
  /** Its reserved number. Opening a node with this number loads the module of the device. */
  readonly fixed?: NodeNumber;
  /** Hint for a kernel that does not have the device. */
  readonly absent: string;
}

/** A misc driver, by its name in /proc/misc and its minor number in devices.txt. */
export const miscTarget = (
  name: string,
  minor: number,
  words: Pick<NodeTarget, 'title' | 'absent'>,
  procDir = '/proc',
): NodeTarget => ({
  ...words,
  find: () => miscNumber(name, textOf(`${procDir}/misc`)),
  fixed: { type: 'character', major: MISC_MAJOR, minor },
});

/** The number of a driver in the text of /proc/misc; `undefined` if it is not listed. */
export function miscNumber(name: string, text: string): NodeNumber | undefined {
  const found = text
    .split('\n')
    .map((line) => line.trim().split(' '))
    .find((words) => words[1] === name);
  return found && { type: 'character', major: MISC_MAJOR, minor: Number(found[0]) };
}

/** A block device by its name in /sys/block. */
export const blockTarget = (name: string, sysDir = '/sys'): NodeTarget => ({
  title: name,
  find: () => {
    const [major, minor] = textOf(`${sysDir}/block/${name}/dev`).split(':').map(Number);
    return major !== undefined && minor !== undefined ? { type: 'block', major, minor } : undefined;
  },
  absent: `The kernel has no device ${name}`,
});

/** The text of a file in /proc or /sys; `''` if it cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
