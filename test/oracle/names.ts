// Names and uuids.

import fc from 'fast-check';
import type { Mangling } from '../../src/index.ts';
import { unicodeText } from '../support/arbitraries/values.ts';

/** How names are mangled. */
export const anyMangling: fc.Arbitrary<Mangling> = fc.constantFrom('auto', 'hex', 'none');

/** What we refuse and dmsetup does not, or cannot be given: see `kernelName`. */
const acceptable = (text: string): boolean =>
  text !== '' &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refused on purpose
  !/[\x00-\x1f\x7f/]|\p{Surrogate}/u.test(text) &&
  !['.', '..', 'control'].includes(text);

const odd = fc
  .array(
    fc.constantFrom(
      'a',
      'Z',
      '-',
      '+',
      ' ',
      '"',
      '\\',
      'é',
      '😀',
      '~',
      '%s',
      '$(x)',
      ';',
      ',',
      '\\x20',
      '\\x5c',
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** Text that may be a name once it is mangled, or may be refused: too long, mangled twice, half mangled. */
export const anyText: fc.Arbitrary<string> = fc
  .oneof(
    unicodeText(20, 1),
    odd,
    unicodeText(140, 1),
    fc.string({ minLength: 120, maxLength: 132 }),
  )
  .filter(acceptable);

/** A name that is taken in every mode, in its plain form. */
export const anyName: fc.Arbitrary<string> = fc
  .oneof(
    fc.stringMatching(/^[0-9A-Za-z#+\-.:=@_]{1,127}$/),
    fc
      .array(fc.constantFrom('a', 'B', '-', ' ', 'é', '😀', '"', '&', '$', ','), {
        minLength: 1,
        maxLength: 7,
      })
      .map((parts) => parts.join('')),
  )
  .filter(acceptable);
