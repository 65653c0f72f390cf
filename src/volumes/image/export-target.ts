// Checks the file to which a volume is exported, before anything is written.

import { lstat, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { kindOf } from '../../storage/directory/file-kind.ts';
import { VolumeError } from '../config/errors.ts';
import type { ExportVolumeOptions } from '../config/options.ts';

/** The error for a file that exists. */
export const existing = (target: string): VolumeError =>
  refusal(target, 'the file already exists', 'Choose another name, or set overwrite');

const refusal = (subject: string, problem: string, hint: string): VolumeError =>
  new VolumeError({ code: 'ERR_VOLUME_TARGET', subject, problem, hint });

/**
 * Refuses a target in the directory of the volumes, an existing file unless `overwrite` is set, and anything that is not a file.
 * @throws VolumeError ERR_VOLUME_TARGET; Node's own error for a directory that does not exist
 */
export async function checkTarget(
  target: string,
  directory: string,
  { overwrite = false }: ExportVolumeOptions,
): Promise<void> {
  const parent = await realpath(dirname(resolve(target)));
  if (parent === directory || parent.startsWith(`${directory}/`)) {
    throw refusal(target, 'it is in the directory of the volumes', 'Choose another directory');
  }
  const found = await lstat(target).catch((error) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isFile()) {
    throw refusal(target, `expected a file, got ${kindOf(found)}`, 'Choose another name');
  }
  if (!overwrite) throw existing(target);
}
