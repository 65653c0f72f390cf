// The fields of `dmts info -c`, with dmsetup's names and headings.

import { readdirSync, readFileSync } from 'node:fs';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { splitLvmName } from '../../dm/text/lvm-name.ts';
import { formatSize, type SizeUnit } from '../../dm/text/size.ts';
import { SECTOR } from '../../dm/text/units.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import { InputError } from '../../dm/wire/errors.ts';
import { kernelUuid, type Mangling, nameForm, unmangle } from '../../dm/wire/names.ts';
import { fromKernel } from '../../dm/wire/text.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import type { ReportColumn } from '../support/report.ts';

/** The data behind the fields of one device. */
export interface FieldSource {
  readonly info: DeviceInfo;
  /** Sectors; `undefined` for a device without a queue. */
  readonly readAhead: number | undefined;
  readonly sysDir: string;
  readonly mangling: Mangling;
  readonly units: SizeUnit;
  readonly suffix: boolean;
}

/** A field: its column, its text and its sort key. */
export interface InfoField extends ReportColumn {
  readonly text: (source: FieldSource) => string;
}

const sysPath = ({ info, sysDir }: FieldSource): string =>
  `${sysDir}/dev/block/${formatDev(info.dev)}`;

function sysText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    // A device that never had a table has no disk and no directory in sysfs.
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

function linked(source: FieldSource, direction: 'slaves' | 'holders'): readonly string[] {
  try {
    return readdirSync(`${sysPath(source)}/${direction}`).toSorted();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

const dmName = (disk: string, { sysDir }: FieldSource): string =>
  sysText(`${sysDir}/class/block/${disk}/dm/name`);

const devNo = (disk: string, { sysDir }: FieldSource): string =>
  sysText(`${sysDir}/class/block/${disk}/dev`);

const named = (disks: readonly string[], source: FieldSource): string =>
  disks
    .map((disk) => dmName(disk, source))
    .filter((name) => name !== '')
    .join(',');

const blockName = (source: FieldSource): string =>
  /^DEVNAME=(.*)$/m.exec(sysText(`${sysPath(source)}/uevent`))?.[1] ?? '';

function sizeText(source: FieldSource): string {
  const sectors = sysText(`${sysPath(source)}/size`);
  return sectors === '' ? '' : formatSize(BigInt(sectors) * SECTOR, source.units, source.suffix);
}

function tables({ live, inactive }: DeviceInfo): string {
  if (live && inactive) return 'Both';
  if (live) return 'Live';
  return inactive ? 'Inactive' : 'None';
}

const attributes = ({ live, inactive, suspended, readOnly }: DeviceInfo): string =>
  [live ? 'L' : '-', inactive ? 'I' : '-', suspended ? 's' : '-', readOnly ? 'r' : 'w'].join('');

/** The subsystem that owns the device: its uuid up to the first hyphen. */
const subsystemOf = (uuid: string): string => uuid.slice(0, Math.max(0, uuid.indexOf('-')));

const lvm = ({ info }: FieldSource) =>
  subsystemOf(info.uuid ?? '') === 'LVM' ? splitLvmName(info.name) : undefined;

/** A form of the name, or the kernel's own where libdevmapper would give none. */
const formOf =
  (form: 'mangled' | 'unmangled') =>
  ({ info, mangling }: FieldSource): string => {
    try {
      return nameForm(info.mangledName, form, mangling);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return info.name;
    }
  };

/** The mangled uuid, or the kernel's own form where libdevmapper gives none. */
function mangledUuid({ info: { uuid }, mangling }: FieldSource): string {
  if (uuid === undefined) return '';
  try {
    return fromKernel(kernelUuid(uuid, mangling));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return uuid;
  }
}

const field = (
  name: string,
  heading: string,
  width: number,
  text: (source: FieldSource) => string,
  right = false,
): InfoField => ({ name, heading, width, right, text });

const number = (
  name: string,
  heading: string,
  width: number,
  value: (source: FieldSource) => number,
): InfoField => field(name, heading, width, (source) => String(value(source)), true);

/** Every field. */
export const infoFields: readonly InfoField[] = [
  field('name', 'Name', 16, ({ info }) => info.name),
  field('mangled_name', 'MangledName', 16, formOf('mangled')),
  field('unmangled_name', 'UnmangledName', 16, formOf('unmangled')),
  field('uuid', 'UUID', 32, ({ info }) => info.uuid ?? ''),
  field('mangled_uuid', 'MangledUUID', 32, mangledUuid),
  field('unmangled_uuid', 'UnmangledUUID', 32, ({ info }) => unmangle(info.uuid ?? '')),
  field('read_ahead', 'RAhead', 6, ({ readAhead }) => String(readAhead ?? 0), true),
  field('blkdevname', 'BlkDevName', 16, blockName),
  field('attr', 'Stat', 4, ({ info }) => attributes(info)),
  field('tables_loaded', 'Tables', 6, ({ info }) => tables(info)),
  field('suspended', 'Suspended', 9, ({ info }) => (info.suspended ? 'Suspended' : 'Active')),
  field('readonly', 'Read-only', 9, ({ info }) => (info.readOnly ? 'Read-only' : 'Writeable')),
  field('devno', 'DevNo', 5, ({ info }) => formatDev(info.dev)),
  number('major', 'Maj', 3, ({ info }) => info.major),
  number('minor', 'Min', 3, ({ info }) => info.minor),
  number('open', 'Open', 4, ({ info }) => info.openCount),
  number('segments', 'Targ', 4, ({ info }) => info.targetCount),
  number('events', 'Event', 6, ({ info }) => info.eventNr),
  field('size', 'Size', 9, sizeText, true),
  number('device_count', '#Devs', 5, (source) => linked(source, 'slaves').length),
  field('devs_used', 'DevNamesUsed', 16, (s) => named(linked(s, 'slaves'), s)),
  field('devnos_used', 'DevNosUsed', 16, (s) =>
    linked(s, 'slaves')
      .map((disk) => devNo(disk, s))
      .join(','),
  ),
  field('blkdevs_used', 'BlkDevNamesUsed', 16, (s) => linked(s, 'slaves').join(',')),
  number('device_ref_count', '#Refs', 5, (source) => linked(source, 'holders').length),
  field('names_using_dev', 'RefNames', 8, (s) => named(linked(s, 'holders'), s)),
  field('devnos_using_dev', 'RefDevNos', 9, (s) =>
    linked(s, 'holders')
      .map((disk) => devNo(disk, s))
      .join(','),
  ),
  field('subsystem', 'Subsys', 6, ({ info }) => subsystemOf(info.uuid ?? '')),
  field('vg_name', 'VG', 4, (source) => lvm(source)?.volumeGroup ?? ''),
  field('lv_name', 'LV', 4, (source) => lvm(source)?.logicalVolume ?? ''),
  field('lv_layer', 'LVLayer', 7, (source) => lvm(source)?.layer ?? ''),
];

/** The default fields of `info -c`. */
export const defaultFields: readonly string[] = [
  'name',
  'major',
  'minor',
  'attr',
  'open',
  'segments',
  'events',
  'uuid',
];
