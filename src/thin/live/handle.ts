// The handle of a pool that the files of this folder share, and the functions for its status and table.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import {
  type ThinPoolParams,
  type ThinPoolStatus,
  thinPool,
} from '../../dm/targets/provisioning/thin-pool.ts';
import type { Blocks, Sectors } from '../../dm/text/units.ts';
import { isDmError, reportedOf } from '../../dm/wire/errors.ts';
import { PoolError } from './errors.ts';

/** An active pool. */
export interface PoolHandle {
  readonly dm: DeviceMapper;
  readonly name: string;
  /** Device number, as the kernel encodes it in 64 bits. */
  readonly dev: bigint;
  /** `/dev/dm-N` */
  readonly path: string;
}

/** A pool's live table, with devices as `major:minor`. */
export interface PoolTable {
  readonly info: DeviceInfo;
  readonly length: Sectors;
  readonly params: ThinPoolParams & {
    readonly blockSize: Sectors;
    readonly lowWaterMark: Blocks<'data'>;
  };
}

const notActive = (
  name: string,
  problem: string,
  {
    cause,
    hint = '"dmts pool ls" lists the active pools',
  }: { cause?: unknown; hint?: string } = {},
): PoolError => new PoolError({ code: 'ERR_POOL_NOT_ACTIVE', pool: name, problem, hint, cause });

/** The error for a device that is not a pool. */
const notPool = (name: string, targets: readonly unknown[]): PoolError =>
  targets.length > 0
    ? notActive(name, 'the device is not a thin pool')
    : notActive(name, 'the device has no table', {
        hint: `If the process that created the device has ended, run "dmts remove ${name}"`,
      });

/** The pool's status. The call does not make the pool commit. @throws PoolError ERR_POOL_NOT_ACTIVE */
export async function poolStatus({
  dm,
  name,
}: Pick<PoolHandle, 'dm' | 'name'>): Promise<ThinPoolStatus> {
  try {
    const { targets } = await dm.status(name, { noFlush: true });
    if (targets.length === 1 && targets[0]!.type === 'thin-pool') {
      return reportedOf(name, () => thinPool.parseStatus(targets[0]!.params));
    }
    throw notPool(name, targets);
  } catch (error) {
    if (!isDmError(error, 'ENXIO')) throw error;
    throw notActive(name, 'there is no such device', { cause: error });
  }
}

/** The pool's live table. @throws PoolError ERR_POOL_NOT_ACTIVE */
export async function poolTable({ dm, name }: Pick<PoolHandle, 'dm' | 'name'>): Promise<PoolTable> {
  try {
    const { info, targets } = await dm.table(name, { noFlush: true });
    const [line] = targets;
    if (targets.length === 1 && line!.type === 'thin-pool') {
      const { blockSize, lowWaterMark, ...params } = reportedOf(name, () =>
        thinPool.parseParams(line!.params),
      );
      return {
        info,
        length: line!.length,
        params: { ...params, blockSize: BigInt(blockSize!), lowWaterMark: BigInt(lowWaterMark!) },
      };
    }
    throw notPool(name, targets);
  } catch (error) {
    if (!isDmError(error, 'ENXIO')) throw error;
    throw notActive(name, 'there is no such device', { cause: error });
  }
}
