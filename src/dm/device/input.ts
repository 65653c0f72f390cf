// Input checks of single methods.

import { type Check, checkFields, hasMethods } from '../../ioctl/input/checks.ts';
import { SecretText } from '../text/secret-text.ts';
import { hideMessageKey } from '../text/secrets.ts';
import { sectors as wholeSectors } from '../text/units.ts';
import { InputError } from '../wire/errors.ts';
import { GEOMETRY } from './option-checks.ts';
import type { Geometry } from './options.ts';

/**
 * Checks the text of a message. A message that begins with `@` goes to the device mapper instead of the target, and is
 * rejected without `core`.
 * @throws InputError
 */
export function checkMessage(text: string | SecretText, core: boolean): string | SecretText {
  const plain = text instanceof SecretText ? text.marked : text;
  const demand = (holds: boolean, expected: string): void => {
    if (holds) return;
    const received = typeof text === 'string' ? hideMessageKey(text) : text;
    throw new InputError({ field: 'message', expected, received });
  };
  const words = typeof plain === 'string' && plain.trim() !== '' && !plain.includes('\0');
  demand(words, 'at least one word, without NUL');
  demand(!/\p{Surrogate}/u.test(plain), 'well-formed Unicode');
  demand(
    core || !plain.trimStart().startsWith('@'),
    'a message for the target (a message that begins with "@" requires the option core)',
  );
  return text;
}

/** Requires a DeviceMapper, or an object with its methods. */
export const isDeviceMapper: Check = hasMethods(
  'a DeviceMapper from DeviceMapper.open',
  'create',
  'status',
  'message',
);

/** Checks a device mapper. @throws InputError */
export const checkDeviceMapper = (dm: unknown): void => isDeviceMapper(dm, 'dm');

const EVENT_NR_MAX = 0xffffffff;

const isCount = (value: number, max: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= max;

/** Checks an event counter. @throws InputError */
export function checkEventNr(eventNr: number): number {
  if (isCount(eventNr, EVENT_NR_MAX)) return eventNr;
  const expected = `an integer from 0 to ${EVENT_NR_MAX}`;
  throw new InputError({ field: 'eventNr', expected, received: eventNr });
}

/** Formats a geometry for the kernel. @throws InputError */
export function geometryText(geometry: Geometry): string {
  checkFields(geometry, GEOMETRY, [], 'geometry');
  const { cylinders, heads, sectors } = geometry;
  const start = wholeSectors(geometry.start, 'geometry.start');
  const fits =
    isCount(cylinders, 65_535) &&
    isCount(heads, 255) &&
    isCount(sectors, 255) &&
    start <= cylinders * heads * sectors;
  if (fits) return `${cylinders} ${heads} ${sectors} ${start}`;
  const expected = 'at most 65535 cylinders, 255 heads and 255 sectors, and a start within them';
  throw new InputError({ field: 'geometry', expected, received: geometry });
}
