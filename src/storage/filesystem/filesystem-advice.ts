// The remedy for a filesystem that cannot be mounted or written.

import { isErrno } from '../../ioctl/libc/errno.ts';
import type { PoolHealth } from '../../thin/live/health.ts';
import type { FilesystemType } from './filesystem.ts';

/** The facts besides the error. */
export interface FilesystemFacts {
  readonly type: FilesystemType;
  /** Lines of the kernel log about its device. */
  readonly lines: readonly string[];
  /** The health of the pool; `undefined` if it is not known. */
  readonly health: Pick<PoolHealth, 'state' | 'advice'> | undefined;
}

const REPAIR: Readonly<Record<FilesystemType, string>> = { ext4: 'e2fsck -f', xfs: 'xfs_repair' };

/** The kernel's reason and the remedy. The remedy concerns the pool if the pool is at fault, otherwise the filesystem. */
export function filesystemAdvice(
  error: unknown,
  { type, lines, health }: FilesystemFacts,
): string | undefined {
  const said = lines.length > 0 ? [`The kernel log says: ${lines.join('; ')}`] : [];
  const advice = [...said, ...remedies(error, { type, lines, health })];
  return advice.length > 0 ? advice.join('. ') : undefined;
}

function remedies(error: unknown, { type, lines, health }: FilesystemFacts): readonly string[] {
  // xfs fails with ENOENT if its root inode is not in use. Without lines in the kernel log, ENOENT means a missing
  // path.
  const isRootMissing = isErrno(error, 'ENOENT') && lines.length > 0;
  const mayBeDamage = isErrno(error, 'EUCLEAN', 'EIO', 'EBADMSG', 'EROFS', 'ENOSPC', 'ENODATA');
  if (!mayBeDamage && !isRootMissing) return [];
  const isPoolAtFault = health !== undefined && health.state !== 'ok' && health.state !== 'low';
  if (isPoolAtFault)
    return [`The pool is ${health.state}`, ...(health.advice ? [health.advice] : [])];
  if (isErrno(error, 'ENOSPC')) return [];
  return [
    `If the filesystem is damaged, activate the device without mounting it and run "${REPAIR[type]}" on it`,
  ];
}
