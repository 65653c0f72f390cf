// Parses the payloads of replies. Checks every offset against the buffer, and follows chains only forwards.

import { type Memory, memoryOf } from '../../ioctl/struct/record.ts';
import type { TableLine } from '../text/table.ts';
import {
  align8,
  dmNameList,
  dmNameListTail,
  dmTargetDeps,
  dmTargetSpec,
  dmTargetVersions,
  type Version,
} from '../wire/abi.ts';
import { ReplyError } from '../wire/errors.ts';
import { fromKernel } from '../wire/text.ts';

const NAME_OFFSET = 12;
const VERSION_NAME_OFFSET = 16;
const HAS_UUID = 1;

/** One entry of DM_LIST_DEVICES. Its strings hold one character per byte. */
export interface NameRecord {
  readonly name: string;
  readonly dev: bigint;
  /** The device's event counter. Only interface 4.37 and newer fills it. */
  readonly eventNr: number;
  /** Present if requested and the device has one. */
  readonly uuid: string | undefined;
}

/** The device list, in the kernel's order: by name, bytewise. @throws ReplyError */
export function parseNames(data: Buffer): readonly NameRecord[] {
  const names: NameRecord[] = [];
  if (data.length === 0) return names;
  const memory = memoryOf(data);
  const { dev: devField, next: nextField } = dmNameList.fields;
  for (let at = 0; ; ) {
    inside(data, at, dmNameList.size, 'dm_name_list');
    const dev = devField.read(memory, at);
    const next = nextField.read(memory, at);
    // An empty list may be one entry with device number 0.
    if (dev === 0n && names.length === 0) return names;
    const end = next === 0 ? data.length : advance(data, at, next, NAME_OFFSET + 1, 'dm_name_list');
    names.push(nameRecord(memory, at, end, dev));
    if (next === 0) return names;
    at = end;
  }
}

function nameRecord(memory: Memory, at: number, end: number, dev: bigint): NameRecord {
  const name = stringAt(memory.bytes, at + NAME_OFFSET, end, 'dm_name_list.name');
  const tail = at + align8(NAME_OFFSET + name.length + 1);
  const { fields, size } = dmNameListTail;
  // Interfaces before 4.37 end the entry here.
  if (tail + size > end) return { name, dev, eventNr: 0, uuid: undefined };
  const eventNr = fields.eventNr.read(memory, tail);
  const hasUuid = (fields.flags.read(memory, tail) & HAS_UUID) !== 0;
  const uuid = hasUuid ? stringAt(memory.bytes, tail + size, end, 'dm_name_list.uuid') : undefined;
  return { name, dev, eventNr, uuid };
}

/** A target type with its version. */
export interface TargetVersion {
  readonly name: string;
  readonly version: Version;
}

/** The reply of DM_LIST_VERSIONS and DM_GET_TARGET_VERSION, in the kernel's order. @throws ReplyError */
export function parseVersions(data: Buffer): readonly TargetVersion[] {
  const versions: TargetVersion[] = [];
  if (data.length === 0) return versions;
  const memory = memoryOf(data);
  for (let at = 0; ; ) {
    inside(data, at, dmTargetVersions.size, 'dm_target_versions');
    const { next, version } = dmTargetVersions.decode(memory, at);
    const end =
      next === 0
        ? data.length
        : advance(data, at, next, VERSION_NAME_OFFSET + 1, 'dm_target_versions');
    const name = stringAt(data, at + VERSION_NAME_OFFSET, end, 'dm_target_versions.name');
    versions.push({ name: fromKernel(name), version });
    if (next === 0) return versions;
    at = end;
  }
}

/** The device numbers that a table uses. @throws ReplyError */
export function parseDeps(data: Buffer): readonly bigint[] {
  if (data.length === 0) return [];
  inside(data, 0, dmTargetDeps.size, 'dm_target_deps');
  const { count } = dmTargetDeps.decode(data);
  inside(data, dmTargetDeps.size, count * 8, 'dm_target_deps.dev');
  const view = new BigUint64Array(count);
  Buffer.from(view.buffer).set(data.subarray(dmTargetDeps.size, dmTargetDeps.size + count * 8));
  return [...view];
}

/** The targets of a status or table reply. `next` is an offset from the first of them. @throws ReplyError */
export function parseTargets(data: Buffer, count: number): readonly TableLine[] {
  const lines: TableLine[] = [];
  const memory = memoryOf(data);
  const { sectorStart, length, next, targetType } = dmTargetSpec.fields;
  let at = 0;
  for (let i = 0; i < count; i++) {
    inside(data, at, dmTargetSpec.size, 'dm_target_spec', i);
    const last = i === count - 1;
    const end = last
      ? data.length
      : advance(data, at, next.read(memory, at) - at, dmTargetSpec.size + 1, 'dm_target_spec', i);
    lines.push({
      start: sectorStart.read(memory, at),
      length: length.read(memory, at),
      type: fromKernel(targetType.read(memory, at)),
      params: fromKernel(stringAt(data, at + dmTargetSpec.size, end, 'dm_target_spec', i)),
    });
    at = end;
  }
  return lines;
}

/** The text reply to a message. @throws ReplyError */
export const parseMessageText = (data: Buffer): string =>
  fromKernel(stringAt(data, 0, data.length, 'message'));

/** Throws the error of a struct, or of the struct `index` of several. */
function refuse(what: string, index: number | undefined, problem: string): never {
  throw new ReplyError(`${index === undefined ? what : `${what}[${index}]`}: ${problem}`);
}

function inside(data: Buffer, at: number, size: number, what: string, index?: number): void {
  if (at + size <= data.length) return;
  const problem = `expected ${size} bytes at offset ${at}, but the reply has ${data.length}`;
  refuse(what, index, problem);
}

/** The offset of the next entry: 8-aligned, past this entry's minimum size, within the reply. @throws ReplyError */
function advance(
  data: Buffer,
  at: number,
  next: number,
  least: number,
  what: string,
  index?: number,
): number {
  const to = at + next;
  if (next < least || to % 8 !== 0 || to >= data.length) {
    refuse(what, index, `the next entry cannot be ${next} bytes after offset ${at}`);
  }
  return to;
}

function stringAt(data: Buffer, at: number, end: number, what: string, index?: number): string {
  const nul = data.indexOf(0, at);
  if (nul === -1 || nul >= end) refuse(what, index, `expected a NUL before offset ${end}`);
  return data.toString('latin1', at, nul);
}
