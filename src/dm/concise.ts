// Devices with their tables on one line, as `dmsetup create --concise` and the kernel's dm-mod.create= take them:
// NAME,UUID,MINOR,FLAGS,TABLE[,TABLE]…[;NAME,…]. A backslash makes the next character an ordinary one.

import { isList, isObject, isText } from '../ioctl/checks.ts';
import { shown } from '../ioctl/input-error.ts';
import { InputError } from './errors.ts';
import { formatLine, parseLines, type TableLine, type TargetInput } from './table.ts';

/** One device of the format. */
export interface ConciseDevice {
  readonly name: string;
  readonly uuid?: string | undefined;
  readonly minor?: number | undefined;
  readonly readOnly: boolean;
  readonly table: readonly TargetInput[];
}

const MINOR_MAX = 1_048_575;

/** The parts between `separator`s that no backslash protects; backslashes stay. */
function splitAt(text: string, separator: ',' | ';'): readonly string[] {
  const parts: string[] = [''];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === separator) parts.push('');
    else {
      const taken = text[i] === '\\' ? text.slice(i, ++i + 1) : text[i]!;
      parts[parts.length - 1] += taken;
    }
  }
  return parts;
}

const unescapeText = (text: string): string => text.replace(/\\(.)/gs, '$1');
const escapeText = (text: string): string => text.replace(/[\\,;]/g, '\\$&');
/** Nothing but blanks, which are those of C. */
const isBlank = (text: string): boolean => /^[ \t\n\v\f\r]*$/.test(text);
/** A name's own blanks at its ends are protected, too. */
const escapeName = (text: string): string =>
  escapeText(text).replace(/^[ \t\n\v\f\r]|[ \t\n\v\f\r]$/g, '\\$&');
/** As dmsetup reads a name: without the blanks before it, with those behind it. */
const nameText = (field: string): string => unescapeText(field.replace(/^[ \t\n\v\f\r]+/, ''));

/** Read devices in the concise format. @throws InputError naming the device and the field */
export function parseConcise(text: string): readonly ConciseDevice[] {
  isText(text, 'text');
  return splitAt(text, ';')
    .filter((part) => !isBlank(part))
    .map((part, i) => parseDevice(part, i + 1));
}

function parseDevice(text: string, number: number): ConciseDevice {
  const fields = splitAt(text, ',');
  const [name = '', uuid = ''] = fields.slice(0, 2).map(nameText);
  const [minor = '', flags = ''] = fields.slice(2, 4).map((field) => unescapeText(field).trim());
  const at = name === '' ? `device ${number}` : `device ${number} ${shown(name)}`;
  const lines = fields.slice(4).map(unescapeText);
  const demand = (holds: boolean, field: string, expected: string, received: string): void => {
    if (!holds) throw new InputError({ field: `${at}, ${field}`, expected, received });
  };
  demand(name !== '', 'name', 'a name', text);
  demand(
    /^\d{0,7}$/.test(minor) && Number(minor) <= MINOR_MAX,
    'minor',
    'a minor number, or nothing',
    minor,
  );
  demand(['', 'ro', 'rw'].includes(flags), 'flags', 'ro, rw or nothing', flags);
  demand(!lines.every(isBlank), 'table', 'at least one line of a table', text);
  return {
    name,
    ...(uuid !== '' && { uuid }),
    ...(minor !== '' && { minor: Number(minor) }),
    readOnly: flags === 'ro',
    table: parseLines(lines.join('\n'), `${at}, `),
  };
}

/** A device to print: as the kernel tells of it. */
export interface ConciseSource {
  readonly name: string;
  readonly uuid?: string | undefined;
  readonly minor?: number | undefined;
  readonly readOnly: boolean;
  readonly table: readonly TableLine[];
}

/** Devices in the concise format. */
export function formatConcise(devices: readonly ConciseSource[]): string {
  isList(devices, 'devices');
  return devices
    .map((device, i) => {
      isObject(device, `devices[${i}]`);
      const { name, uuid = '', minor, readOnly, table } = device;
      isText(name, `devices[${i}].name`);
      isText(uuid, `devices[${i}].uuid`);
      isList(table, `devices[${i}].table`);
      return [
        escapeName(name),
        escapeName(uuid),
        minor === undefined ? '' : String(minor),
        readOnly ? 'ro' : 'rw',
        ...table.map(formatLine).map(escapeText),
      ].join(',');
    })
    .join(';');
}
