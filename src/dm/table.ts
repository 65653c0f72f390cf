// A table: which target serves which sectors of a device. Checked whole before the kernel sees any of it.

import { isList, isObject, isText } from '../ioctl/checks.ts';
import { align8, DM_MAX_TARGETS, DM_MAX_TYPE_NAME, dmTargetSpec } from './abi.ts';
import { InputError } from './errors.ts';
import { hiddenLine } from './hidden-line.ts';
import { SecretText, textLength, writeText } from './secret-text.ts';
import { hideKeys } from './secrets.ts';
import { trimBlanks } from './text.ts';
import { type Sectors, type SectorsInput, sectors } from './units.ts';

/** One target of a table to load. */
export interface TargetInput {
  /** First sector. @default the end of the target before, 0 for the first */
  readonly start?: SectorsInput;
  /** Sectors it serves, at least 1. */
  readonly length: SectorsInput;
  /** The kernel's name of the target type: `'linear'`. */
  readonly type: string;
  /** Its parameters, as the kernel's documentation of that target writes them. @default '' */
  readonly params?: string | SecretText;
}

/** One target of a table to load, checked. */
export interface LoadLine {
  readonly start: Sectors;
  readonly length: Sectors;
  readonly type: string;
  readonly params: string | SecretText;
}

/** One target of a table, as the kernel has it. */
export interface TableLine {
  readonly start: Sectors;
  readonly length: Sectors;
  readonly type: string;
  /** Parameters in a table, status in a status. */
  readonly params: string;
}

/** The kernel refuses a target that ends beyond `LLONG_MAX >> 9`. */
const END_MAX = 2n ** 54n - 1n;
/** A payload far below the kernel's limit of 1 GiB, and far above any table that works. */
const PAYLOAD_MAX = 256 * 1024 * 1024;

/**
 * Check a table and fill in the starts that were left out.
 * @throws InputError naming the target and its field: `table[1].start`
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

function checkTarget(target: TargetInput, end: Sectors, at: string): LoadLine {
  isObject(target, at);
  const start = target.start === undefined ? end : sectors(target.start, `${at}.start`);
  const length = sectors(target.length, `${at}.length`);
  const { type, params = '' } = target;
  const demand = (holds: boolean, field: string, expected: string, received: unknown): void => {
    if (!holds) throw new InputError({ field: `${at}.${field}`, expected, received });
  };
  demand(length >= 1n, 'length', 'at least 1 sector', length);
  demand(
    start === end,
    'start',
    `${end}, where ${end === 0n ? 'a table begins' : 'the target before it ends'}`,
    start,
  );
  demand(
    start + length <= END_MAX,
    'length',
    `a target that ends at sector ${END_MAX} or before`,
    length,
  );
  checkType(type, `${at}.type`);
  // What is refused may hold a key all the same.
  const shown = typeof params === 'string' ? hideKeys({ type, params }).params : params;
  const text = params instanceof SecretText ? params.marked : params;
  demand(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
    typeof text === 'string' && !/[\x00\n\r]/.test(text),
    'params',
    'a string without NUL and line breaks',
    shown,
  );
  demand(!/\p{Surrogate}/u.test(text), 'params', 'well-formed Unicode', shown);
  return { start, length, type, params };
}

/** A target type. @throws InputError */
export function checkType(type: string, field: string): string {
  if (typeof type === 'string' && /^[!-~]+$/.test(type) && type.length < DM_MAX_TYPE_NAME) {
    return type;
  }
  const expected = `1 to ${DM_MAX_TYPE_NAME - 1} printable ASCII characters`;
  throw new InputError({ field, expected, received: type });
}

/**
 * The payload of DM_TABLE_LOAD: each `dm_target_spec` with its parameters and a NUL, 8-aligned.
 * Backslashes are doubled, as libdevmapper does: the kernel takes one as an escape. Unlike libdevmapper's, a path
 * with a character that has the byte 0xa0, such as "à", stays one word.
 */
export function encodeTable(lines: readonly LoadLine[]): Buffer {
  const params = lines.map((line) => escapeBackslashes(line.params));
  const sizes = params.map((text) => align8(dmTargetSpec.size + textLength(text) + 1));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > PAYLOAD_MAX) {
    throw new InputError({
      field: 'table',
      expected: `at most ${PAYLOAD_MAX} bytes`,
      received: total,
    });
  }
  const payload = Buffer.alloc(total);
  let at = 0;
  lines.forEach((line, i) => {
    const spec = {
      sectorStart: line.start,
      length: line.length,
      status: 0,
      next: sizes[i]!,
      targetType: line.type,
    };
    dmTargetSpec.encodeInto(spec, payload, at);
    writeText(params[i]!, payload, at + dmTargetSpec.size);
    at += sizes[i]!;
  });
  return payload;
}

function escapeBackslashes(text: string | SecretText): string | SecretText {
  const doubled = (plain: string): string => plain.replaceAll('\\', '\\\\');
  return typeof text === 'string' ? doubled(text) : new SecretText(doubled(text.marked), text.keys);
}

/** A table as dmsetup writes it: `start length type params` a line. */
export function formatTable(lines: readonly LoadLine[]): string {
  isList(lines, 'table');
  return lines.map(formatLine).join('\n');
}

/** One line of a table as dmsetup writes it; without parameters it ends in a blank, as dmsetup's does. */
export function formatLine(line: LoadLine): string {
  isObject(line, 'line');
  const { type, params } = line;
  const start = sectors(line.start, 'start');
  const length = sectors(line.length, 'length');
  checkType(type, 'type');
  if (!(params instanceof SecretText)) isText(params, 'params');
  return `${start} ${length} ${type} ${params}`;
}

/** A line, without the blanks around it. 20 digits hold 64 bits; BigInt takes more than linear time for more. */
const LINE = /^(0*\d{1,20})[ \t\v\f]+(0*\d{1,20})[ \t\v\f]+([!-~]+)(?:[ \t\v\f]+(.*))?$/s;

/**
 * Read a table as dmsetup does: a target a line, `start length type params`; blank lines and lines that
 * begin with `#` are skipped.
 * @throws InputError naming the line
 */
export function parseTable(text: string): readonly TargetInput[] {
  isText(text, 'table');
  return parseLines(text, '');
}

/** Read a table of which `place` is said before the number of a wrong line: `device 2 "b", `. */
export function parseLines(text: string, place: string): readonly TargetInput[] {
  const targets: TargetInput[] = [];
  text.split('\n').forEach((line, i) => {
    const content = trimBlanks(line);
    if (content === '' || content.startsWith('#')) return;
    const match = LINE.exec(content);
    if (!match) {
      throw new InputError({
        field: `${place}line ${i + 1}`,
        expected: 'START LENGTH TYPE PARAMS, numbers decimal, of at most 20 digits',
        // Wherever a key stands in a line that makes no sense, it is a long hexadecimal word.
        received: content.replace(/[0-9a-f]{16,}/gi, (word) => '0'.repeat(word.length)),
      });
    }
    targets.push(
      hiddenLine({
        start: BigInt(match[1]!),
        length: BigInt(match[2]!),
        type: match[3]!,
        params: match[4] ?? '',
      }),
    );
  });
  return targets;
}
