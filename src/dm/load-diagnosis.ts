// A table load fails with a bare errno, and Linux 6.1 says ENODEV where later kernels say ENOENT or
// ENOTBLK. Looking again at what the table names gives the same error on every kernel, and the field.

import { statSync } from 'node:fs';
import { attempt } from '../ioctl/attempt.ts';
import { errnoNumber } from '../ioctl/errno.ts';
import type { DeviceCommands } from './device-commands.ts';
import { DmError, isDmError } from './errors.ts';
import type { LoadLine } from './table.ts';

interface Finding {
  readonly errno: number;
  readonly field: string;
  readonly hint: string;
}

/** The error of a refused load, with the field and the hint that a second look gives; unchanged if that look fails. */
export async function diagnoseLoad(
  error: DmError,
  table: readonly LoadLine[],
  commands: DeviceCommands,
): Promise<DmError> {
  const finding = await attempt(() =>
    error.code === 'EINVAL' ? findUnknownType(table, commands) : findBadPath(error, table),
  );
  if (finding === undefined) return error;
  return new DmError({ ...error, cause: error, ...finding });
}

async function findUnknownType(
  table: readonly LoadLine[],
  commands: DeviceCommands,
): Promise<Finding | undefined> {
  for (const type of new Set(table.map((line) => line.type))) {
    if (await isKnownType(type, commands)) continue;
    return {
      errno: errnoNumber('EINVAL'),
      field: `table[${table.findIndex((line) => line.type === type)}].type`,
      hint: `This kernel has no target type "${type}", and no module dm-${type}`,
    };
  }
  return undefined;
}

async function isKnownType(type: string, commands: DeviceCommands): Promise<boolean> {
  try {
    await commands.targetVersion(type);
    return true;
  } catch (error) {
    if (!isDmError(error)) throw error;
    // ENOTTY: a kernel too old to be asked.
    return error.code !== 'EINVAL';
  }
}

const PATH_ERRORS: readonly string[] = ['ENOENT', 'ENODEV', 'ENOTBLK'];

function findBadPath(error: DmError, table: readonly LoadLine[]): Finding | undefined {
  if (!PATH_ERRORS.includes(error.code)) return undefined;
  for (const [i, { params }] of table.entries()) {
    for (const path of String(params)
      .split(/\s+/)
      .filter((word) => word.startsWith('/'))) {
      const finding = whatIsWrongWith(path);
      if (finding) return { ...finding, field: `table[${i}].params` };
    }
  }
  return undefined;
}

function whatIsWrongWith(path: string): Omit<Finding, 'field'> | undefined {
  try {
    if (statSync(path).isBlockDevice()) return undefined;
    return { errno: errnoNumber('ENOTBLK'), hint: `${path} is no block device` };
  } catch (error) {
    const { code = 'ENOENT' } = error as NodeJS.ErrnoException;
    const hint = code === 'ENOENT' ? `There is no ${path}` : `${path} cannot be reached (${code})`;
    return { errno: errnoNumber(code), hint };
  }
}
