// The record of the pool of a directory of volumes: its name, its uuid, and the devices of its data and metadata.

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DurableDirectory } from '../../storage/directory/durable-file.ts';
import { readRecordFile } from '../../storage/directory/record-file.ts';
import { VolumeError } from '../config/errors.ts';
import { parseJsonRecord } from './json-record.ts';

const FILE = 'pool.json';
const VERSION = 1;

/** A pool. The paths are those of block devices, or of files in the directory. */
export interface PoolRecord {
  /** The name of the pool's device. */
  readonly name: string;
  /** It proves that a device with the name of the pool is this pool. */
  readonly uuid: string;
  readonly data: string;
  readonly metadata: string;
}

/** Reads the record; `undefined` for a directory without one. @throws StorageError ERR_STORAGE_RECORD */
export function readPoolRecord(directory: string): PoolRecord | undefined {
  const path = join(directory, FILE);
  const text = readRecordFile(path);
  if (text === undefined) return undefined;
  const { fields, refuse } = parseJsonRecord(path, 'the pool', text);
  if (fields['version'] !== BigInt(VERSION)) {
    throw refuse(`invalid version: expected ${VERSION}, got ${fields['version']}`);
  }
  const textOf = (field: keyof PoolRecord): string => {
    const given = fields[field];
    if (typeof given === 'string' && given !== '' && !given.includes('\0')) return given;
    throw refuse(`invalid ${field}: expected a text, got ${given}`);
  };
  return {
    name: textOf('name'),
    uuid: textOf('uuid'),
    data: textOf('data'),
    metadata: textOf('metadata'),
  };
}

/** Reads the record. @throws StorageError ERR_STORAGE_RECORD; VolumeError ERR_VOLUME_POOL for a directory without one */
export function demandPoolRecord(directory: string): PoolRecord {
  const record = readPoolRecord(directory);
  if (record !== undefined) return record;
  throw new VolumeError({
    code: 'ERR_VOLUME_POOL',
    subject: directory,
    problem: 'it is not a directory of volumes',
    hint: `"dmts volume init" creates one. A directory of volumes has a file ${FILE}`,
  });
}

/** Writes the record, durably. */
export const writePoolRecord = (directory: DurableDirectory, record: PoolRecord): Promise<void> =>
  directory.write(FILE, `${JSON.stringify({ version: VERSION, ...record })}\n`);

/**
 * Refuses a directory that has files of a pool, and no record of it.
 * @throws VolumeError ERR_VOLUME_POOL
 */
export function refuseForeign(directory: string): void {
  for (const name of ['data', 'metadata', 'volumes']) {
    const path = join(directory, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || (found.isDirectory() && readdirSync(path).length === 0)) continue;
    throw new VolumeError({
      code: 'ERR_VOLUME_POOL',
      subject: path,
      problem: `it exists, but ${directory} has no ${FILE}`,
      hint: `Nothing was changed. Choose another directory, or restore ${FILE}`,
    });
  }
}
