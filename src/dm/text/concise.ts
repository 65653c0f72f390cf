// The concise format of `dmsetup create --concise` and the kernel's dm-mod.create=: devices with tables on one line,
// NAME,UUID,MINOR,FLAGS,TABLE[,TABLE]…[;NAME,…]. A backslash escapes the next character.

import { isList, isObject, isText } from '../../ioctl/input/checks.ts';
import { shown } from '../../ioctl/input/input-error.ts';
import { MINOR_MAX } from '../wire/device-number.ts';
import { InputError } from '../wire/errors.ts';
import { trimBlanks } from '../wire/text.ts';
import { formatLine, parseLines, type TableLine, type TargetInput } from './table.ts';

/** One device in the concise format. */
export interface ConciseDevice {
  readonly name: string;
  readonly uuid?: string | undefined;
  readonly minor?: number | undefined;
  readonly readOnly: boolean;
  readonly table: readonly TargetInput[];
}

/** Splits at each unescaped `separator`. Backslashes stay in the parts. */
function splitAt(text: string, separator: ',' | ';'): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

const unescapeText = (text: string): string => text.replace(/\\(.)/gs, '$1');
const escapeText = (text: string): string => text.replace(/[\\,;]/g, '\\$&');
/** Whether the text has only blanks, as in C's `isspace`. */
const isBlank = (text: string): boolean => /^[ \t\n\v\f\r]*$/.test(text);
/** Escapes a name, including blanks at its ends. */
const escapeName = (text: string): string =>
  escapeText(text).replace(/^[ \t\n\v\f\r]|[ \t\n\v\f\r]$/g, '\\$&');
/** Reads a name as dmsetup does: strips leading blanks, keeps trailing ones. */
const nameText = (field: string): string => unescapeText(field.replace(/^[ \t\n\v\f\r]+/, ''));

/** Parses devices in the concise format. @throws InputError that names the device and the field */
export function parseConcise(text: string): readonly ConciseDevice[] {
  isText(text, 'text');
  return splitAt(text, ';')
    .filter((part) => !isBlank(part))
    .map((part, i) => parseDevice(part, i + 1));
}

function parseDevice(text: string, number: number): ConciseDevice {
  const fields = splitAt(text, ',');
  const [name = '', uuid = ''] = fields.slice(0, 2).map(nameText);
  const [minor = '', flags = ''] = fields
    .slice(2, 4)
    .map((field) => trimBlanks(unescapeText(field)));
  const at = name === '' ? `device ${number}` : `device ${number} ${shown(name)}`;
  const lines = fields.slice(4).map(unescapeText);
  const demand = (holds: boolean, field: string, expected: string, received: string): void => {
    if (!holds) throw new InputError({ field: `${at}, ${field}`, expected, received });
  };
  demand(name !== '', 'name', 'a name', text);
  demand(
    /^\d{0,7}$/.test(minor) && Number(minor) <= MINOR_MAX,
    'minor',
    'a minor number or an empty field',
    minor,
  );
  demand(['', 'ro', 'rw'].includes(flags), 'flags', 'ro, rw or an empty field', flags);
  demand(!lines.every(isBlank), 'table', 'at least one table line', text);
  return {
    name,
    ...(uuid !== '' && { uuid }),
    ...(minor !== '' && { minor: Number(minor) }),
    readOnly: flags === 'ro',
    table: parseLines(lines.join('\n'), `${at}, `),
  };
}

/** A device to format, in the form of `dm.info` and `dm.table`. */
export interface ConciseSource {
  readonly name: string;
  readonly uuid?: string | undefined;
  readonly minor?: number | undefined;
  readonly readOnly: boolean;
  readonly table: readonly TableLine[];
}

/** Formats devices in the concise format. */
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
