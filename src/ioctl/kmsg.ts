// The kernel log from a moment on. Source: Documentation/ABI/testing/dev-kmsg.

import { closeSync, constants, openSync, readSync } from 'node:fs';
import { isErrno } from './errno.ts';
import { syscall } from './libc.ts';

const SEEK_END = 2;
/** One read gives one record, and the kernel caps records well below this. */
const RECORD_SIZE = 8192;

/** The kernel log, positioned at the moment it was opened. */
export interface KernelLog {
  /** The texts of the records written since, oldest first, without their prefix. */
  readonly read: () => string[];
  readonly close: () => void;
}

/**
 * Mark this moment in the kernel log. `undefined` where this process may not read it
 * (`kernel.dmesg_restrict`, no /dev/kmsg): the log is an extra, never a need.
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

/** One record's text; `''` for one that was overwritten before we came, `undefined` at the end, and where none can be read. */
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
