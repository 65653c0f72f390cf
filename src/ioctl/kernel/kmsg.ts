// Reads the kernel log from a given moment on. Source: Documentation/ABI/testing/dev-kmsg.

import { closeSync, constants, openSync, readSync } from 'node:fs';
import { isErrno } from '../libc/errno.ts';
import { syscall } from '../libc/libc.ts';

const SEEK_END = 2;
/** One read returns one entry, and the kernel limits entries to less than this. */
const RECORD_SIZE = 8192;

/** The kernel log, positioned at the time of its opening. */
export interface KernelLog {
  /** The texts of the entries since then, oldest first, without their prefixes. */
  readonly read: () => string[];
  /** Closes the log. */
  readonly close: () => void;
}

/**
 * Opens the kernel log at its current end. `undefined` if this process cannot read it (`kernel.dmesg_restrict`, no
 * /dev/kmsg): the log is optional.
 */
export function openKernelLog(path = '/dev/kmsg'): KernelLog | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  if (syscall('lseek', [fd, 0, SEEK_END]).value === -1) {
    closeSync(fd);
    return undefined;
  }
  return {
    read: () => {
      const texts: string[] = [];
      const bytes = Buffer.alloc(RECORD_SIZE);
      for (;;) {
        const record = readRecord(fd, bytes);
        if (record === undefined) return texts;
        if (record !== '') texts.push(record);
      }
    },
    close: () => closeSync(fd),
  };
}

/** The text of one entry; `''` if it was overwritten before the read; `undefined` at the end or if the read fails. */
function readRecord(fd: number, bytes: Buffer): string | undefined {
  let length: number;
  try {
    length = readSync(fd, bytes, 0, bytes.length, null);
  } catch (error) {
    return isErrno(error, 'EPIPE') ? '' : undefined;
  }
  if (length === 0) return undefined;
  // "level,sequence,microseconds,flags;text\n KEY=value\n"
  const [line = ''] = bytes.toString('utf8', 0, length).split('\n');
  return line.slice(line.indexOf(';') + 1);
}
