// The guest's disk for Docker's data: loop files on the overlay filesystem do not work.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';

/** The guest's only disk. */
const DISK = process.env['DMTS_DISKS'] ?? '';
const MOUNT = '/var/lib/docker';

/** The directory on the disk, which is formatted and mounted at the first call. */
export function dockerDisk(): string {
  if (readFileSync('/proc/mounts', 'utf8').includes(`${DISK} ${MOUNT} `)) return MOUNT;
  mkdirSync(MOUNT, { recursive: true });
  execFileSync('mkfs.ext4', ['-q', DISK]);
  execFileSync('mount', [DISK, MOUNT]);
  return MOUNT;
}
