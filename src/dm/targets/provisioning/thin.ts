// thin: a device with blocks from a pool. Source: …/device-mapper/thin-provisioning.rst.

import type { Sectors } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { type TargetKind, targetKind } from '../words/kind.ts';
import { deviceWord, Words } from '../words/words.ts';

/** The largest thin id. */
export const THIN_ID_MAX: number = 2 ** 24 - 1;

/** Checks a thin id: 0 to 16777215. @throws InputError */
export function checkThinId(id: number, field = 'thin.id'): number {
  if (!Number.isInteger(id) || id < 0 || id > THIN_ID_MAX) {
    throw new InputError({ field, expected: `an integer from 0 to ${THIN_ID_MAX}`, received: id });
  }
  return id;
}

/** Parameters of a thin device. */
export interface ThinParams {
  /** The pool: a path, or `major:minor`. */
  readonly pool: string;
  /** The thin id, from the pool's message `create_thin` or `create_snap`. */
  readonly id: number;
  /** A read-only device that serves reads of blocks that have not been written. */
  readonly externalOrigin?: string | undefined;
}

/** Status of a thin device: `'fail'` if its pool is offline, `'error'` if the kernel cannot determine the status. */
export type ThinStatus =
  | {
      readonly state: 'working';
      /** Number of mapped sectors. */
      readonly mapped: Sectors;
      /** The last mapped sector; `undefined` if none is mapped. */
      readonly highestMapped: Sectors | undefined;
      /** Words that a newer kernel added. */
      readonly extra: readonly string[];
    }
  | { readonly state: 'fail' | 'error' | 'unmapped' };

/** A device with blocks from a pool. */
export const thin: TargetKind<ThinParams, ThinStatus> = targetKind<ThinParams, ThinStatus>('thin', {
  formatParams: ({ pool, id, externalOrigin }: ThinParams) => {
    const words = [deviceWord(pool, 'thin.pool'), checkThinId(id)];
    return externalOrigin === undefined
      ? words.join(' ')
      : `${words.join(' ')} ${deviceWord(externalOrigin, 'thin.externalOrigin')}`;
  },
  readParams: (words) => {
    const pool = words.word('pool');
    const id = checkThinId(words.count('id'));
    const externalOrigin = words.more ? words.word('external origin') : undefined;
    return { pool, id, ...(externalOrigin !== undefined && { externalOrigin }) };
  },
  parseStatus: (text) => {
    if (text === 'Fail') return { state: 'fail' };
    if (text === 'Error') return { state: 'error' };
    if (text === '-') return { state: 'unmapped' };
    const words = new Words(text, 'thin status', { strict: true });
    return {
      state: 'working',
      mapped: words.u64('mapped sectors'),
      highestMapped: words.u64OrDash('highest mapped sector'),
      extra: words.rest(),
    };
  },
  messages: {},
});
