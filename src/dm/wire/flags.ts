// The flag bits of struct dm_ioctl. Source: <linux/dm-ioctl.h>.

import { InputError } from '../../ioctl/input/input-error.ts';

/** Flag bits by the kernel's names without `DM_` and `_FLAG`. */
export const DmFlag = {
  READONLY: 0x1,
  SUSPEND: 0x2,
  PERSISTENT_DEV: 0x8,
  STATUS_TABLE: 0x10,
  ACTIVE_PRESENT: 0x20,
  INACTIVE_PRESENT: 0x40,
  BUFFER_FULL: 0x100,
  SKIP_LOCKFS: 0x400,
  NOFLUSH: 0x800,
  QUERY_INACTIVE_TABLE: 0x1000,
  UEVENT_GENERATED: 0x2000,
  UUID: 0x4000,
  SECURE_DATA: 0x8000,
  DATA_OUT: 0x10000,
  DEFERRED_REMOVE: 0x20000,
  INTERNAL_SUSPEND: 0x40000,
  IMA_MEASUREMENT: 0x80000,
} as const;

/**
 * The names of flags: `['readonly', 'noflush']`. Unnamed bits form one hexadecimal word.
 * Flags are always read with masks: the kernel echoes bits that it does not know.
 */
export function flagWords(flags: number): readonly string[] {
  if (!Number.isInteger(flags)) {
    throw new InputError({ field: 'flags', expected: 'an integer', received: flags });
  }
  const words: string[] = [];
  let rest = flags >>> 0;
  for (const [name, bit] of Object.entries(DmFlag)) {
    if ((flags & bit) === 0) continue;
    words.push(name.toLowerCase());
    rest = (rest & ~bit) >>> 0;
  }
  return rest === 0 ? words : [...words, `0x${rest.toString(16)}`];
}
