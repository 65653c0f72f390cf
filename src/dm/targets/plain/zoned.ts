// zoned: presents a zoned disk as a disk with random writes.
// Source: Documentation/admin-guide/device-mapper/dm-zoned.rst, drivers/md/dm-zoned-target.c.

import { InputError } from '../../wire/errors.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { deviceWord, Words } from '../words/words.ts';

/** Parameters of a zoned target. Must be the only target of its table; the kernel reduces it to the usable zones. */
export interface ZonedParams {
  /** Devices formatted by `dmzadm`: a zoned disk, or a regular disk as cache followed by zoned disks. */
  readonly devices: readonly string[];
}

/** Number of free zones, and of all zones, of one kind. */
export interface ZoneCount {
  readonly unmapped: bigint;
  readonly total: bigint;
}

/** Zones of a zoned disk. */
export interface ZonedDisk {
  /** Zones for random writes. */
  readonly random: ZoneCount;
  /** Zones for sequential writes. */
  readonly sequential: ZoneCount;
}

/** Status of a zoned target. */
export interface ZonedStatus {
  /** Number of zones of all devices. */
  readonly zones: bigint;
  /** Zones of the regular disk; `undefined` before version 2. */
  readonly cache: ZoneCount | undefined;
  /** The zoned disks, in the order of the table. */
  readonly disks: readonly ZonedDisk[];
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

/** The messages of a zoned target. */
export interface ZonedMessages extends Messages {
  /** Moves data from random to sequential zones now, instead of when half of them are in use. */
  readonly reclaim: () => string;
}

function readZones(words: Words, kind: 'cache' | 'random' | 'sequential'): ZoneCount {
  const { used: unmapped, total } = words.ratio(`${kind} zones`);
  words.label(`${kind} zones`, kind);
  return { unmapped, total };
}

/** Presents a zoned disk as a disk with random writes. */
export const zoned: TargetKind<ZonedParams, ZonedStatus, ZonedMessages> = targetKind<
  ZonedParams,
  ZonedStatus,
  ZonedMessages
>('zoned', {
  formatParams: ({ devices }: ZonedParams) => {
    if (!Array.isArray(devices) || devices.length === 0) {
      throw new InputError({
        field: 'zoned.devices',
        expected: 'at least one',
        received: devices?.length ?? devices,
      });
    }
    return devices.map((device: string, i) => deviceWord(device, `zoned.devices[${i}]`)).join(' ');
  },
  readParams: (words) => ({ devices: [words.word('device'), ...words.rest()] }),
  parseStatus: (text) => {
    const words = new Words(text, 'zoned status');
    const zones = words.u64('zones');
    words.label('zones', 'zones');
    // Before version 2 a target has one disk and no cache: "4 zones 1/1 random 2/3 sequential".
    const hasCache = !/^\d+ zones \S+ random\b/.test(text.trim());
    const cache = hasCache ? readZones(words, 'cache') : undefined;
    const disks: ZonedDisk[] = [];
    while (/^\d+\/\d+$/.test(words.next ?? '')) {
      disks.push({
        random: readZones(words, 'random'),
        sequential: readZones(words, 'sequential'),
      });
    }
    return { zones, cache, disks, extra: words.rest() };
  },
  messages: { reclaim: () => 'reclaim' },
});
