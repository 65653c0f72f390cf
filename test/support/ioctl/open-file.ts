// An open file for system calls that work on any file.

import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** ioctls of any file: for a regular file FIONREAD returns its size, and TCGETS fails with ENOTTY. */
export const FIONREAD = 0x541b;
export const TCGETS = 0x5401;

/** A file of `size` bytes in `dir`, open for reading until the end of the test. */
export function openFileOf(t: ExecutionContext, dir: string, size: number): number {
  const path = join(dir, String(size));
  writeFileSync(path, Buffer.alloc(size));
  const fd = openSync(path, 'r');
  t.teardown(() => closeSync(fd));
  return fd;
}
