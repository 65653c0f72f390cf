// A failed table load gives only an errno, and Linux 6.1 returns ENODEV where later kernels return ENOENT or ENOTBLK.
// Checking the paths and types in the table yields the same error on every kernel, and the rejected field.

import { statSync } from 'node:fs';
import { attempt } from '../../ioctl/input/attempt.ts';
import { errnoNumber } from '../../ioctl/libc/errno.ts';
import type { LoadLine } from '../text/table.ts';
import { DmError, isDmError } from '../wire/errors.ts';
import type { DeviceCommands } from './device-commands.ts';

interface Finding {
  readonly errno: number;
  readonly field: string;
  readonly hint: string;
}

/** Adds the field and a hint to the error of a failed load. Returns the error unchanged if the diagnosis fails. */
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
    // ENOTTY: the kernel is too old for this command.
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
    return { errno: errnoNumber('ENOTBLK'), hint: `${path} is not a block device` };
  } catch (error) {
    const { code = 'ENOENT' } = error as NodeJS.ErrnoException;
    const hint = code === 'ENOENT' ? `${path} does not exist` : `Cannot access ${path}: ${code}`;
    return { errno: errnoNumber(code), hint };
  }
}
