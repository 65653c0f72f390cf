// The record of a volume: a JSON file with the name of the volume.

import { THIN_ID_MAX } from '../../dm/targets/provisioning/thin.ts';
import { type Bytes, SECTOR } from '../../dm/text/units.ts';
import { type Check, isText } from '../../ioctl/input/checks.ts';
import { InputError } from '../../ioctl/input/input-error.ts';
import { parseJsonRecord } from './json-record.ts';

/** The record of a volume. */
export interface VolumeRecord {
  /** Its thin device. */
  readonly id: number;
  /** In bytes, a multiple of 512. */
  readonly size: Bytes;
  readonly created: Date;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether `name` can be the name of a volume. */
export const isVolumeName = (name: string): boolean => NAME.test(name);

/** The name of a volume. */
export const checkVolumeName: Check = (value, field) => {
  isText(value, field);
  if (isVolumeName(value as string)) return;
  throw new InputError({
    field,
    expected:
      '1 to 64 letters, digits, dots, hyphens and underscores, of which the first is a letter or a digit',
    received: value,
  });
};

/** A record as JSON. */
export const formatRecord = ({ id, size, created }: VolumeRecord): string =>
  `{"id":${id},"size":${size},"created":${JSON.stringify(created)}}\n`;

/** Parses the record in the file `path`. @throws StorageError ERR_STORAGE_RECORD */
export function parseRecord(path: string, text: string): VolumeRecord {
  const { fields, refuse } = parseJsonRecord(path, 'a volume', text);
  const { id, size, created } = fields;
  if (typeof id !== 'bigint' || id < 0n || id > BigInt(THIN_ID_MAX)) {
    throw refuse(`invalid id: expected 0 to ${THIN_ID_MAX}, got ${id}`);
  }
  if (typeof size !== 'bigint' || size <= 0n || size % SECTOR !== 0n) {
    throw refuse(`invalid size: expected a multiple of ${SECTOR} above 0, got ${size}`);
  }
  const date = new Date(String(created));
  if (Number.isNaN(date.getTime())) {
    throw refuse(`invalid created: expected a time such as 2026-01-31T12:00:00Z, got ${created}`);
  }
  return { id: Number(id), size, created: date };
}
