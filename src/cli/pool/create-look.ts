// What `dmts pool create` would find: told by --dry-run, without a write.

import { stat } from 'node:fs/promises';
import { formatSize } from '../../dm/size.ts';
import type { Bytes } from '../../dm/units.ts';
import { isErrno } from '../../ioctl/errno.ts';
import { isBlank, readHead, signatureOf } from '../../thin/signatures.ts';
import { UsageError } from '../exit-status.ts';
import type { JsonRecord } from '../records.ts';

/** Where a part of the new pool is to be. */
export interface Place {
  readonly role: 'metadata' | 'data';
  readonly path: string;
  readonly size: Bytes | undefined;
}

/** What is there now. */
export interface Found extends Place {
  readonly exists: boolean;
  /** What it holds; `undefined` for nothing. */
  readonly holds: string | undefined;
}

/** The library looks at as much to tell whether a device is blank. */
const HEAD_BYTES = 4096;

/** Look. @throws UsageError for a file that is not there and gets no size */
export async function look(place: Place): Promise<Found> {
  try {
    await stat(place.path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    if (place.size === undefined) {
      throw new UsageError(`there is no ${place.path}: to make it, add --${place.role}-size`);
    }
    return { ...place, exists: false, holds: undefined };
  }
  const head = await readHead(place.path);
  const blank = isBlank(head.subarray(0, HEAD_BYTES));
  const holds = signatureOf(head) ?? (blank ? undefined : 'data of an unknown kind');
  return { ...place, exists: true, holds };
}

/** A line for each. */
export const foundText = (all: readonly Found[], overwrite: boolean): string =>
  all
    .map(({ role, path, size, exists, holds }) => {
      const lost = overwrite ? 'it would be lost' : 'it would be refused without --overwrite';
      const fate = holds === undefined ? 'is blank' : `holds ${holds}: ${lost}`;
      return `${role} ${path} ${exists ? fate : `would be made, ${formatSize(size!)}`}\n`;
    })
    .join('');

/** The same for JSON. */
export const foundRecord = (all: readonly Found[]): JsonRecord =>
  Object.fromEntries(
    all.map(({ role, path, size, exists, holds }) => [role, { path, size, exists, holds }]),
  );
