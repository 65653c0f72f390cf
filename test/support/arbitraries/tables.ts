// Tables to load.

import fc from 'fast-check';
import type { TableLine } from '../../../src/dm/text/table.ts';
import { unicodeText } from './values.ts';

/** A target type: printable ASCII without blanks, at most 15. */
export const targetType: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('linear', 'thin-pool', 'crypt', 'integrity', 'exactly-15-long'),
  fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 15,
  }),
);

/** Parameters of a target. */
export const targetParams: fc.Arbitrary<string> = fc
  .oneof(
    unicodeText(60),
    fc.string({ unit: fc.constantFrom('\\', ' ', '\t', '/', 'd', 'ä'), maxLength: 30 }),
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: tables must not contain them
  .map((text) => text.replace(/[\x00\n\r]/g, '_'))
  // The text of a table does not preserve blanks around parameters.
  .map((text) => text.replace(/^[ \t\v\f]+|[ \t\v\f]+$/g, ''));

/** A contiguous table: each target begins at the end of the previous one. */
export const anyTable: fc.Arbitrary<readonly TableLine[]> = fc
  .array(
    fc.record(
      {
        length: fc.bigInt({ min: 1n, max: 2n ** 51n }),
        type: targetType,
        params: targetParams,
      },
      { noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((targets) => {
    let start = 0n;
    return targets.map((target) => {
      const line = { start, ...target };
      start += target.length;
      return line;
    });
  });
