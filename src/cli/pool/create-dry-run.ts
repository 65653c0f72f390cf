// The dry run of `dmts pool create`. It writes nothing.

import { stat } from 'node:fs/promises';
import { deviceContent } from '../../block/signatures.ts';
import { formatSize } from '../../dm/text/size.ts';
import type { Bytes } from '../../dm/text/units.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { backingUse } from '../../thin/backing/backing.ts';
import { UsageError } from '../support/exit-status.ts';
import type { JsonRecord } from '../support/json.ts';

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
  /** What uses the place: `attached to /dev/loop0`. `undefined` if nothing does. */
  readonly use: string | undefined;
}

/** Inspects a place. @throws UsageError for a missing file without a size */
export async function look(place: Place, signal: AbortSignal): Promise<Found> {
  try {
    await stat(place.path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    if (place.size === undefined) {
      throw new UsageError(`${place.path} does not exist: to create it, add --${place.role}-size`);
    }
    return { ...place, exists: false, holds: undefined, use: undefined };
  }
  const holds = await deviceContent(place.path, { signal });
  return { ...place, exists: true, holds, use: await backingUse(place.path) };
}

/** Formats one line per place. */
export const foundText = (all: readonly Found[], overwrite: boolean): string =>
  all
    .map(({ role, path, size, exists, holds, use }) => {
      const lost = overwrite
        ? 'it would be overwritten'
        : 'the pool would not be created without --overwrite';
      const fate = holds === undefined ? 'is blank' : `holds ${holds}: ${lost}`;
      const busy = use === undefined ? '' : `; it is ${use}: the pool would not be created`;
      return `${role} ${path} ${exists ? fate : `would be created, ${formatSize(size!)}`}${busy}\n`;
    })
    .join('');

/** The JSON form of the places. */
export const foundRecord = (all: readonly Found[]): JsonRecord =>
  Object.fromEntries(all.map(({ role, ...found }) => [role, found]));
