// A record of a directory of volumes as JSON: one object, with exact whole numbers.

import { messageOf } from '../../ioctl/libc/errno.ts';
import { StorageError } from '../../storage/config/errors.ts';
import { parseJson } from '../../storage/directory/json.ts';

/** An object from a record, and the error for a field that is invalid. */
export interface JsonRecord {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly refuse: (problem: string, cause?: unknown) => StorageError;
}

/**
 * Parses the record in the file `path`. Whole numbers become bigints.
 * @param what the record in errors: `'the pool'`
 * @throws StorageError ERR_STORAGE_RECORD
 */
export function parseJsonRecord(path: string, what: string, text: string): JsonRecord {
  const refuse = (problem: string, cause?: unknown): StorageError =>
    new StorageError({
      code: 'ERR_STORAGE_RECORD',
      subject: path,
      problem: `cannot read the record of ${what}: ${problem}`,
      hint: 'Nothing was changed. Restore a copy of the file',
      cause,
    });
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw refuse(messageOf(error), error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { fields: value as JsonRecord['fields'], refuse };
  }
  throw refuse('expected an object');
}
