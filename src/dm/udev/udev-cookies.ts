// Lists the cookies of all processes, including those left behind by a dead process or by udev.
// Source: /proc/sysvipc/sem, and libdm's DM_COOKIE_MAGIC.

import { readFileSync } from 'node:fs';
import { isPath } from '../../ioctl/input/checks.ts';
import { semaphoreValue } from '../../ioctl/kernel/semaphore.ts';
import { COOKIE_MAGIC } from './udev.ts';

/** A cookie: a semaphore that counts pending uevents. */
export interface UdevCookie {
  /** The key, in the form of `DM_UDEV_COOKIE` and `dmsetup udevcomplete`. */
  readonly cookie: number;
  readonly semaphoreId: number;
  /** The number of pending events plus one. */
  readonly value: number;
  readonly lastOperation: Date | undefined;
  readonly lastChange: Date;
}

const seconds = (text: string | undefined): Date | undefined =>
  text === undefined || text === '0' ? undefined : new Date(Number(text) * 1000);

/** Lists every cookie of the system. */
export function listCookies(path = '/proc/sysvipc/sem'): readonly UdevCookie[] {
  isPath(path, 'path');
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.flatMap((line) => {
    const [key, id, , , , , , , operated, changed] = line.trim().split(/\s+/);
    const cookie = Number(key) >>> 0;
    if (cookie >>> 16 !== COOKIE_MAGIC) return [];
    const value = semaphoreValue(Number(id));
    // Removed since the list was read.
    if (value === undefined) return [];
    return [
      {
        cookie,
        semaphoreId: Number(id),
        value,
        lastOperation: seconds(operated),
        lastChange: seconds(changed) ?? new Date(0),
      },
    ];
  });
}
