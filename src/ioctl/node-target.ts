// Which device a node in /dev is to lead to, as the kernel says. Source: proc(5) (/proc/misc), the kernel's
// Documentation/admin-guide/devices.txt, Documentation/ABI/testing/sysfs-block.

import { readFileSync } from 'node:fs';

const MISC_MAJOR = 10;

/** A device number and what it is a number of. */
export interface NodeNumber {
  readonly type: 'character' | 'block';
  readonly major: number;
  readonly minor: number;
}

/** `'c 10 236'`, as mknod(1) takes it. */
export const numberWords = ({ type, major, minor }: NodeNumber): string =>
  `${type.slice(0, 1)} ${major} ${minor}`;

/** What a node is to lead to. */
export interface NodeTarget {
  /** The device in words: `'the device mapper'`. */
  readonly title: string;
  /** Its number, if the kernel says at this moment that it has the device. */
  readonly find: () => NodeNumber | undefined;
  /** Its number before that: to open a node of this number loads the module that has the device. */
  readonly fixed?: NodeNumber;
  /** What to do where the kernel does not have the device. */
  readonly absent: string;
}

/** A driver with one node, by its name in /proc/misc and its minor number in devices.txt. */
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

/** The number of a driver in the text of /proc/misc, if it is there. */
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
  absent: `The kernel has no ${name} at this moment`,
});

/** A file of /proc or /sys; `''` where it cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
