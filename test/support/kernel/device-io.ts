// Reads and writes of a block device by sector, bypassing the page caches of the devices above and below it.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { formatDev } from '../../../src/index.ts';

const SECTOR = 512;
/** Unit of reads and writes: a multiple of any loop device's block. */
const UNIT = 4096;
const PER_UNIT = UNIT / SECTOR;

/** `sectors` filled with one letter. */
export const full = (letter: string, sectors: number): Buffer =>
  Buffer.alloc(sectors * SECTOR, letter);

/** Write at a sector and sync. @throws Node's own error, such as EIO */
export function writeSectors(path: string, sector: number, bytes: Buffer): void {
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, bytes, 0, bytes.length, sector * SECTOR);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Read from the device, not from the page cache. In units of 8 sectors. */
export function readSectors(path: string, sector: number, sectors: number): Buffer {
  if (sector % PER_UNIT !== 0 || sectors % PER_UNIT !== 0) throw new RangeError('Not a whole unit');
  const where = [`skip=${sector / PER_UNIT}`, `count=${sectors / PER_UNIT}`];
  const flags = [`bs=${UNIT}`, 'iflag=direct', 'status=none'];
  const maxBuffer = sectors * SECTOR + 1;
  return execFileSync('dd', [`if=${path}`, ...where, ...flags], { maxBuffer });
}

/** Read the first sector. @throws Node's own error, such as EIO */
export function readFirstSector(path: string): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, bytes, 0, SECTOR, 0);
  } finally {
    closeSync(fd);
  }
  return bytes;
}

/** A write by another process. */
export interface Writer {
  /** Whether the process has ended. */
  readonly done: () => boolean;
  /** Its exit status. */
  readonly status: Promise<number | null>;
}

/** Write 64 KiB at a block of that size from another process; the write may block indefinitely. */
export function writeInBackground(t: ExecutionContext, path: string, block: number): Writer {
  const writer: ChildProcess = spawn(
    'dd',
    ['if=/dev/zero', `of=${path}`, 'bs=64k', 'count=1', `seek=${block}`, 'oflag=direct'],
    { stdio: 'ignore' },
  );
  const status = once(writer, 'close').then(([code]) => code as number | null);
  t.teardown(() => status);
  return { done: () => writer.exitCode !== null, status };
}

/** A node's device number as in tables: `7:0`. */
export const numberOf = (path: string): string => formatDev(BigInt(statSync(path).rdev));
