// The 24-bit number of a thin device in its pool.

import { InputError } from '../../wire/errors.ts';

/** The largest thin id. */
export const THIN_ID_MAX: number = 2 ** 24 - 1;

/** Check a thin id: 0 to 16777215. @throws InputError */
export function checkThinId(id: number, field = 'thin.id'): number {
  if (!Number.isInteger(id) || id < 0 || id > THIN_ID_MAX) {
    throw new InputError({ field, expected: `an integer from 0 to ${THIN_ID_MAX}`, received: id });
  }
  return id;
}
