// The uuids of active thin devices, from the pool's device number and the thin id. The kernel refuses a second device
// with the same uuid, so an id cannot be active twice, even if two processes activate it at the same time.

import { formatDev } from '../../dm/wire/device-number.ts';

const PREFIX = 'DMTS-thin-';

/** The uuid of thin device `id` of the pool whose device number is `pool`. */
export const thinUuid = (pool: bigint, id: number): string => `${PREFIX}${formatDev(pool)}-${id}`;

/** The thin id in a uuid of `pool`; `undefined` for any other uuid. */
export function idOfThinUuid(pool: bigint, uuid: string | undefined): number | undefined {
  const prefix = `${PREFIX}${formatDev(pool)}-`;
  if (!uuid?.startsWith(prefix)) return undefined;
  const id = uuid.slice(prefix.length);
  return /^\d{1,8}$/.test(id) ? Number(id) : undefined;
}
