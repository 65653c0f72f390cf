// Tables, and their text as dmsetup reads it.

import fc from 'fast-check';
import { KEY_MARK, SecretText } from '../../src/dm/text/secret-text.ts';
import { checkTable } from '../../src/dm/text/table.ts';
import { align8, dmIoctl, dmTargetSpec } from '../../src/dm/wire/abi.ts';
import { formatTable, type TableLine, type TargetInput } from '../../src/index.ts';
import { targetParams, targetType } from '../support/arbitraries/tables.ts';
import { plainKey } from '../support/arbitraries/targets/parts.ts';
import { anyLength, TARGETS, withoutComment } from './targets.ts';

/** A table to load. */
export type Table = readonly TargetInput[];

/** dmsetup is given its keys as they are. */
const inTheClear = (params: string | SecretText): string =>
  typeof params === 'string' ? params : params.reveal();

/** The smallest buffer of libdevmapper. */
const LIBDM_BUFFER = 16 * 1024;

/**
 * Whether libdevmapper's buffer holds the table: its size is reckoned before backslashes are doubled, so with
 * thousands of them dmsetup gives up ("Ran out of memory building ioctl parameter").
 */
function fitsLibdevmapper(table: Table): boolean {
  let reckoned = dmIoctl.size;
  let needed = dmIoctl.size;
  for (const { params = '' } of table) {
    const text = inTheClear(params);
    const length = Buffer.byteLength(text);
    reckoned += dmTargetSpec.size + length + 1 + 8;
    needed += align8(dmTargetSpec.size + length + text.split('\\').length) + 8;
  }
  return needed < Math.max(reckoned, LIBDM_BUFFER);
}

/** What a line of a table loses in dmsetup's hands: blanks, as C knows them, at both ends of the parameters. */
const trimmed = (text: string): string => text.replace(/^[ \t\v\f\r]+|[ \t\v\f\r]+$/g, '');

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 120,
});

/** Several KiB; what comes out of it shrinks to a short pattern and a small count. */
const long = fc
  .tuple(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.integer({ min: 1, max: 700 }),
  )
  .map(([pattern, times]) => pattern.repeat(times));

const backslashes = fc
  .array(fc.constantFrom('\\', '\\\\', '\\x20', '\\\\x5c', '/dev/mapper/a\\x2fb', ' ', 'ß'), {
    maxLength: 40,
  })
  .map((words) => words.join(''));

/** Without the characters that libdevmapper lets the kernel split, and we do not: those with the byte 0xa0. */
export const unsplit = (text: string): string =>
  [...text].filter((character) => !Buffer.from(character).includes(0xa0)).join('');

/** Parameters that no target knows. */
const anyParams: fc.Arbitrary<string> = fc
  .oneof(targetParams, printable, long, backslashes)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what tables must not have
  .map((text) => trimmed(unsplit(text.replace(/[\x00\n\r]/g, '_'))));

/** A target of a type and with parameters that the kernel has never heard of. */
const strangeTarget: fc.Arbitrary<TargetInput> = fc
  .record({ length: anyLength, type: targetType, params: anyParams }, { noNullPrototype: true })
  .map(withoutComment);

/** Parameters in which keys stand that have never been a string. */
const targetWithKeys: fc.Arbitrary<TargetInput> = fc
  .record(
    {
      length: anyLength,
      type: fc.constantFrom('crypt', 'inlinecrypt', 'integrity'),
      pieces: fc.array(anyParams, { minLength: 2, maxLength: 3 }),
      keys: fc.tuple(plainKey, plainKey),
    },
    { noNullPrototype: true },
  )
  .map(({ length, type, pieces, keys }) => {
    const text = pieces.map((piece) => piece.replaceAll(KEY_MARK, '_')).join(KEY_MARK);
    return withoutComment({
      length,
      type,
      params: new SecretText(text, keys.slice(0, pieces.length - 1)),
    });
  });

const anyTarget = fc.oneof(...Object.values(TARGETS), { weight: 10, arbitrary: strangeTarget });

const tables = (target: fc.Arbitrary<TargetInput>, maxLength: number): fc.Arbitrary<Table> =>
  fc.array(target, { minLength: 1, maxLength, size: 'max' }).filter(fitsLibdevmapper);

/** Tables of up to three targets of one type. */
export const tablesOf = (type: string): fc.Arbitrary<Table> => tables(TARGETS[type]!, 3);

/** Tables of up to three targets of no type in particular. */
export const strangeTables: fc.Arbitrary<Table> = tables(strangeTarget, 3);

/** Tables with keys in any place. */
export const tablesWithKeys: fc.Arbitrary<Table> = tables(targetWithKeys, 3);

/** Tables of up to fifty targets of all types. */
export const longTables: fc.Arbitrary<Table> = tables(anyTarget, 50);

/** Small tables for what is not about tables. */
export const smallTables: fc.Arbitrary<Table> = tables(anyTarget, 2);

/** A table with its starts, and with its keys in the clear. */
export const openLines = (table: Table): readonly TableLine[] =>
  checkTable(table).map((line) => ({ ...line, params: inTheClear(line.params) }));

/** A table's text. */
export const tableText = (table: Table): string => `${formatTable(openLines(table))}\n`;

const blanks = (minLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(' ', '\t', '\v', '\f'), minLength, maxLength: 3 });

/** A table's text as people type it: blanks where they may be, empty lines, comments, and any line ends. */
export const looseTexts: fc.Arbitrary<string> = smallTables.chain((table) =>
  fc
    .tuple(
      ...openLines(table).map(({ start, length, type, params }) =>
        fc
          .record({
            before: fc.constantFrom('', '\n', ' \t\n', '# 0 8 zero\n', '  #\n'),
            lead: blanks(0),
            gaps: fc.tuple(blanks(1), blanks(1), blanks(1)),
            end: fc.tuple(blanks(0), fc.constantFrom('\n', '\r\n')),
          })
          .map(
            ({ before, lead, gaps, end }) =>
              `${before}${lead}${start}${gaps[0]}${length}${gaps[1]}${type}${gaps[2]}${params}${end.join('')}`,
          ),
      ),
    )
    .map((lines) => lines.join('')),
);
