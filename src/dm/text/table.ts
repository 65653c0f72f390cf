// A table: which target serves which sectors of a device. The whole table is checked before it is sent to the kernel.

import { isList, isObject, isText } from '../../ioctl/input/checks.ts';
import { memoryOf } from '../../ioctl/struct/record.ts';
import { align8, DM_MAX_TARGETS, DM_MAX_TYPE_NAME, dmTargetSpec } from '../wire/abi.ts';
import { InputError } from '../wire/errors.ts';
import { fromDigits, trimBlanks } from '../wire/text.ts';
import {
  type EncodedText,
  encodedLength,
  encodeText,
  SecretText,
  writeEncoded,
} from './secret-text.ts';
import { hiddenLine, hideKeys } from './secrets.ts';
import { type Sectors, type SectorsInput, sectors } from './units.ts';

/** One target of a table to load. */
export interface TargetInput {
  /** First sector. @default the end of the previous target, 0 for the first */
  readonly start?: SectorsInput;
  /** Length in sectors, at least 1. */
  readonly length: SectorsInput;
  /** The target type: `'linear'`. */
  readonly type: string;
  /** The parameters, in the format of the kernel's documentation of the target. @default '' */
  readonly params?: string | SecretText;
}

/** One checked target of a table to load. */
export interface LoadLine {
  readonly start: Sectors;
  readonly length: Sectors;
  readonly type: string;
  readonly params: string | SecretText;
}

/** One target of a table, as the kernel reports it. */
export interface TableLine {
  readonly start: Sectors;
  readonly length: Sectors;
  readonly type: string;
  /** Parameters in a table, status in a status. */
  readonly params: string;
}

/** The kernel rejects a target that ends beyond `LLONG_MAX >> 9`. */
const END_MAX = 2n ** 54n - 1n;
/** The maximum payload: far below the kernel's limit of 1 GiB, and far above any working table. */
const PAYLOAD_MAX = 256 * 1024 * 1024;

/**
 * Checks a table and fills in missing starts.
 * @throws InputError that names the target and its field: `table[1].start`
 */
export function checkTable(table: readonly TargetInput[]): readonly LoadLine[] {
  if (!Array.isArray(table) || table.length === 0 || table.length > DM_MAX_TARGETS) {
    throw new InputError({
      field: 'table',
      expected: `an array of 1 to ${DM_MAX_TARGETS} targets`,
      received: Array.isArray(table) ? table.length : table,
    });
  }
  let end = 0n;
  return table.map((target, i) => {
    const line = checkTarget(target, end, `table[${i}]`);
    end = line.start + line.length;
    return line;
  });
}

function refuse(field: string, expected: string, received: unknown): never {
  throw new InputError({ field, expected, received });
}

function checkTarget(target: TargetInput, end: Sectors, at: string): LoadLine {
  isObject(target, at);
  const start = target.start === undefined ? end : sectors(target.start, `${at}.start`);
  const length = sectors(target.length, `${at}.length`);
  const { type, params = '' } = target;
  if (length < 1n) refuse(`${at}.length`, 'at least 1 sector', length);
  if (start !== end) {
    const place = end === 0n ? 'the beginning of the table' : 'the end of the previous target';
    refuse(`${at}.start`, `${end}, ${place}`, start);
  }
  if (start + length > END_MAX) {
    refuse(`${at}.length`, `a target that ends at sector ${END_MAX} or before`, length);
  }
  checkType(type, `${at}.type`);
  const problem = problemOf(params);
  // The error shows the parameters, which may hold a key.
  if (problem !== undefined) refuse(`${at}.params`, problem, shownParams(type, params));
  return { start, length, type, params };
}

/** Printable ASCII without a backslash: valid parameters that need no encoding, as most are. */
const PLAIN = /^[ -[\]-~]*$/;

/** What the parameters should be; `undefined` if they are valid. */
function problemOf(params: string | SecretText): string | undefined {
  const text = params instanceof SecretText ? params.marked : params;
  if (typeof text === 'string' && PLAIN.test(text)) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this check rejects them
  if (typeof text !== 'string' || /[\x00\n\r]/.test(text)) {
    return 'a string without NUL or line breaks';
  }
  return /\p{Surrogate}/u.test(text) ? 'well-formed Unicode' : undefined;
}

const shownParams = (type: string, params: string | SecretText): string | SecretText =>
  typeof params === 'string' ? hideKeys({ type, params }).params : params;

/** Checks a target type. @throws InputError */
export function checkType(type: string, field: string): string {
  if (typeof type === 'string' && /^[!-~]+$/.test(type) && type.length < DM_MAX_TYPE_NAME) {
    return type;
  }
  const expected = `1 to ${DM_MAX_TYPE_NAME - 1} printable ASCII characters`;
  throw new InputError({ field, expected, received: type });
}

/**
 * The payload of DM_TABLE_LOAD: each `dm_target_spec` with its parameters and a NUL, 8-aligned.
 * Doubles backslashes, as libdevmapper does: the kernel treats one as an escape. Unlike in libdevmapper, a path
 * with the byte 0xa0 in a character, such as "à", stays one word.
 */
export function encodeTable(lines: readonly LoadLine[]): Buffer {
  const texts = lines.map(({ params }) => encodeParams(params));
  const total = texts.reduce((sum, text) => sum + sizeWith(text), 0);
  if (total > PAYLOAD_MAX) {
    throw new InputError({
      field: 'table',
      expected: `at most ${PAYLOAD_MAX} bytes`,
      received: total,
    });
  }
  const payload = Buffer.alloc(total);
  const memory = memoryOf(payload);
  let at = 0;
  for (const [i, text] of texts.entries()) {
    const { start: sectorStart, length, type: targetType } = lines[i]!;
    const next = sizeWith(text);
    dmTargetSpec.encodeInto({ sectorStart, length, status: 0, next, targetType }, memory, at);
    writeEncoded(text, payload, at + dmTargetSpec.size);
    at += next;
  }
  return payload;
}

/** The size of a `dm_target_spec` with its parameters. */
const sizeWith = (text: EncodedText): number => align8(dmTargetSpec.size + encodedLength(text) + 1);

const doubleBackslashes = (text: string): string => text.replace(/\\/g, '$&$&');

function encodeParams(params: string | SecretText): EncodedText {
  if (params instanceof SecretText) {
    return encodeText(new SecretText(doubleBackslashes(params.marked), params.keys));
  }
  return PLAIN.test(params) ? params : encodeText(doubleBackslashes(params));
}

/** Formats a table like dmsetup: one line `start length type params` per target. */
export function formatTable(lines: readonly LoadLine[]): string {
  isList(lines, 'table');
  return lines.map(formatLine).join('\n');
}

/** Formats one line like dmsetup. Without parameters the line ends in a blank, as in dmsetup. */
export function formatLine(line: LoadLine): string {
  isObject(line, 'line');
  const { type, params } = line;
  const start = sectors(line.start, 'start');
  const length = sectors(line.length, 'length');
  checkType(type, 'type');
  if (!(params instanceof SecretText)) isText(params, 'params');
  return `${start} ${length} ${type} ${params}`;
}

/** A trimmed line. */
const LINE = /^(\d+)[ \t\v\f]+(\d+)[ \t\v\f]+([!-~]+)(?:[ \t\v\f]+(.*))?$/s;

/** A number; `undefined` above 20 digits, which hold 64 bits: for more, BigInt takes more than linear time. */
function sectorNumber(digits: string): Sectors | undefined {
  const significant = digits.length <= 20 ? digits : digits.replace(/^0+/, '');
  return significant.length <= 20 ? fromDigits(significant) : undefined;
}

/**
 * Parses a table like dmsetup: one target per line, `start length type params`. Skips blank lines and lines that
 * begin with `#`.
 * @throws InputError that names the line
 */
export function parseTable(text: string): readonly TargetInput[] {
  isText(text, 'table');
  return parseLines(text, '');
}

/** Parses a table. Errors prefix the line number with `place`: `device 2 "b", `. */
export function parseLines(text: string, place: string): readonly TargetInput[] {
  const targets: TargetInput[] = [];
  text.split('\n').forEach((line, i) => {
    const content = trimBlanks(line);
    if (content === '' || content.startsWith('#')) return;
    const [, first = '', second = '', type = '', params = ''] = LINE.exec(content) ?? [];
    const [start, length] = [sectorNumber(first), sectorNumber(second)];
    if (type === '' || start === undefined || length === undefined) {
      throw new InputError({
        field: `${place}line ${i + 1}`,
        expected: 'START LENGTH TYPE PARAMS, with decimal numbers of at most 20 digits',
        // In an invalid line a key can be anywhere, but it is a long hexadecimal word.
        received: content.replace(/[0-9a-f]{16,}/gi, (word) => '0'.repeat(word.length)),
      });
    }
    targets.push(hiddenLine({ start, length, type, params }));
  });
  return targets;
}
