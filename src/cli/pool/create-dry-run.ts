// The dry run of `dmts pool create`. It writes nothing.

import { stat } from 'node:fs/promises';
import { formatSize } from '../../dm/size.ts';
import type { Bytes } from '../../dm/units.ts';
import { isErrno } from '../../ioctl/errno.ts';
import { deviceContent } from '../../thin/signatures.ts';
import { UsageError } from '../exit-status.ts';
import type { JsonRecord } from '../records.ts';

/** The place of the new pool's data or metadata. */
export interface Place {
  readonly role: 'metadata' | 'data';
  readonly path: string;
  readonly size: Bytes | undefined;
}

/** A place with its current content. */
export interface Found extends Place {
  readonly exists: boolean;
  /** The content; `undefined` if the place is blank. */
  readonly holds: string | undefined;
}

/** Inspects a place. @throws UsageError for a missing file without a size */
export async function look(place: Place): Promise<Found> {
  try {
    await stat(place.path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    if (place.size === undefined) {
      throw new UsageError(`${place.path} does not exist: to create it, add --${place.role}-size`);
    }
    return { ...place, exists: false, holds: undefined };
  }
  return { ...place, exists: true, holds: await deviceContent(place.path) };
}

/** Formats one line per place. */
export const foundText = (all: readonly Found[], overwrite: boolean): string =>
  all
    .map(({ role, path, size, exists, holds }) => {
      const lost = overwrite
        ? 'it would be overwritten'
        : 'the pool would not be created without --overwrite';
      const fate = holds === undefined ? 'is blank' : `holds ${holds}: ${lost}`;
      return `${role} ${path} ${exists ? fate : `would be created, ${formatSize(size!)}`}\n`;
    })
    .join('');

/** The JSON form of the places. */
export const foundRecord = (all: readonly Found[]): JsonRecord =>
  Object.fromEntries(
    all.map(({ role, path, size, exists, holds }) => [role, { path, size, exists, holds }]),
  );
