// What to do about a filesystem that cannot be mounted or written.

import { isErrno } from '../ioctl/errno.ts';
import type { PoolHealth } from '../thin/health.ts';
import type { FilesystemType } from './filesystem.ts';

/** What is known besides the error. */
export interface FilesystemFacts {
  readonly type: FilesystemType;
  /** Lines of the kernel log about its device. */
  readonly lines: readonly string[];
  /** How the pool is; `undefined` where it cannot be asked. */
  readonly health: Pick<PoolHealth, 'state' | 'advice'> | undefined;
}

const REPAIR: Readonly<Record<FilesystemType, string>> = { ext4: 'e2fsck -f', xfs: 'xfs_repair' };

/** The kernel's reason and what to do: about the pool where that is at fault, else about damage. */
export function filesystemAdvice(
  error: unknown,
  { type, lines, health }: FilesystemFacts,
): string | undefined {
  const said = lines.length > 0 ? [`The kernel says: ${lines.join('; ')}`] : [];
  const advice = [...said, ...remedies(error, { type, lines, health })];
  return advice.length > 0 ? advice.join('. ') : undefined;
}

function remedies(error: unknown, { type, lines, health }: FilesystemFacts): readonly string[] {
  // xfs says ENOENT of a root inode that is not in use. Without a word of the filesystem, a path is missing.
  const isRootMissing = isErrno(error, 'ENOENT') && lines.length > 0;
  const isDamage = isErrno(error, 'EUCLEAN', 'EIO', 'EBADMSG', 'EROFS', 'ENOSPC', 'ENODATA');
  if (!isDamage && !isRootMissing) return [];
  const isPoolAtFault = health !== undefined && health.state !== 'ok' && health.state !== 'low';
  if (isPoolAtFault)
    return [`The pool is ${health.state}`, ...(health.advice ? [health.advice] : [])];
  if (isErrno(error, 'ENOSPC')) return [];
  return [`For damage, activate the device without mounting it and run "${REPAIR[type]}" on it`];
}
