// The uuid that active thin devices get: of their pool's device number and their id. The kernel refuses a second
// device of the same uuid, so one id cannot be active twice, whoever else tries to activate it at the same moment.

import { formatDev } from '../dm/device-number.ts';

const PREFIX = 'DMTS-thin-';

/** The uuid of thin device `id` of the pool whose device number is `pool`. */
export const thinUuid = (pool: bigint, id: number): string => `${PREFIX}${formatDev(pool)}-${id}`;

/** The id in such a uuid; `undefined` for any other uuid, and for one of another pool. */
export function idOfThinUuid(pool: bigint, uuid: string | undefined): number | undefined {
  const prefix = `${PREFIX}${formatDev(pool)}-`;
  if (!uuid?.startsWith(prefix)) return undefined;
  const id = uuid.slice(prefix.length);
  return /^\d{1,8}$/.test(id) ? Number(id) : undefined;
}
