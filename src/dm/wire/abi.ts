// The C structs of a device-mapper ioctl. Source: <linux/dm-ioctl.h>.
// Strings hold one character per byte here (text.ts converts them to UTF-8).

import {
  chars,
  i32,
  type RecordCodec,
  record,
  u32,
  u64,
  version,
} from '../../ioctl/struct/record.ts';

/** Three numbers: major, minor, patch level. */
export type Version = readonly [major: number, minor: number, patch: number];

/** `struct dm_ioctl`, the head of every request and reply. */
export interface DmHeader {
  /** In: the required interface version. Out: the kernel's, even on failure. */
  readonly version: Version;
  /** In: size of the whole buffer in bytes. Out: number of valid bytes. */
  readonly dataSize: number;
  /** The offset of the payload. */
  readonly dataStart: number;
  readonly targetCount: number;
  readonly openCount: number;
  readonly flags: number;
  readonly eventNr: number;
  readonly dev: bigint;
  readonly name: string;
  readonly uuid: string;
}

/** `char name[DM_NAME_LEN]`: 127 bytes and a NUL. */
export const DM_NAME_LEN = 128;
/** `char uuid[DM_UUID_LEN]`: 128 bytes and a NUL. */
export const DM_UUID_LEN = 129;
/** `char target_type[DM_MAX_TYPE_NAME]`: 15 bytes and a NUL. */
export const DM_MAX_TYPE_NAME = 16;
/** The minimum buffer size of the kernel: `offsetof(struct dm_ioctl, data)`. */
export const DM_HEADER_MIN = 305;
/** `DM_MAX_TARGETS`. */
export const DM_MAX_TARGETS = 1_048_576;

/** `struct dm_ioctl`. */
export const dmIoctl: RecordCodec<DmHeader> = record('dm_ioctl', 312, {
  version: version(0),
  dataSize: u32(12),
  dataStart: u32(16),
  targetCount: u32(20),
  openCount: i32(24),
  flags: u32(28),
  eventNr: u32(32),
  dev: u64(40),
  name: chars(48, DM_NAME_LEN),
  uuid: chars(176, DM_UUID_LEN),
});

/** `struct dm_target_spec`; its parameter string follows at byte 40. */
export interface TargetSpecRecord {
  readonly sectorStart: bigint;
  readonly length: bigint;
  readonly status: number;
  /** The offset of the next spec: in a load from this spec, in a status from the first. */
  readonly next: number;
  readonly targetType: string;
}

/** `struct dm_target_spec`. */
export const dmTargetSpec: RecordCodec<TargetSpecRecord> = record('dm_target_spec', 40, {
  sectorStart: u64(0),
  length: u64(8),
  status: i32(16),
  next: u32(20),
  targetType: chars(24, DM_MAX_TYPE_NAME),
});

/** `struct dm_name_list` up to its name, which begins at byte 12. */
export const dmNameList: RecordCodec<{ readonly dev: bigint; readonly next: number }> = record(
  'dm_name_list',
  12,
  { dev: u64(0), next: u32(8) },
);

/** The fields after a name in the list, 8-aligned: the event counter, and flags (whether a uuid follows). */
export const dmNameListTail: RecordCodec<{ readonly eventNr: number; readonly flags: number }> =
  record('dm_name_list tail', 8, { eventNr: u32(0), flags: u32(4) });

/** `struct dm_target_deps` up to its array of 64-bit device numbers. */
export const dmTargetDeps: RecordCodec<{ readonly count: number }> = record('dm_target_deps', 8, {
  count: u32(0),
});

/** `struct dm_target_versions` up to its name, which begins at byte 16. */
export const dmTargetVersions: RecordCodec<{ readonly next: number; readonly version: Version }> =
  record('dm_target_versions', 16, { next: u32(0), version: version(4) });

/** `struct dm_target_msg` up to its text, which begins at byte 8. */
export const dmTargetMsg: RecordCodec<{ readonly sector: bigint }> = record('dm_target_msg', 8, {
  sector: u64(0),
});

/** Rounds up to a multiple of 8, as `ALIGN(x, 8)` does in drivers/md/dm-ioctl.c. */
export const align8 = (bytes: number): number => Math.ceil(bytes / 8) * 8;
