// A disk that begins to fail on demand: a loop device below a device whose table is replaced.

import type { ExecutionContext } from 'ava';
import { error, flakey, linear } from '../../../src/dm/targets/index.ts';
import type { DeviceMapper, TargetInput } from '../../../src/index.ts';
import { scratchDevice, scratchLoop, uniqueName } from '../kernel/scratch.ts';

/** A disk and its faults. */
export interface FaultyDisk {
  /** `/dev/dm-N` */
  readonly path: string;
  /** Writes fail from now on, except to the first `sound` sectors. */
  readonly failWrites: (sound?: number) => Promise<unknown>;
  /** Reads and writes fail from now on. */
  readonly failAll: () => Promise<unknown>;
  readonly mend: () => Promise<unknown>;
}

/** A disk of `size` bytes, removed when the test ends. */
export async function faultyDisk(
  t: ExecutionContext,
  dm: DeviceMapper,
  size: number,
): Promise<FaultyDisk> {
  const device = await scratchLoop(t, size);
  const length = size / 512;
  const whole = linear({ length, device });
  const { name, path } = await scratchDevice(t, dm, { table: [whole] }, uniqueName('disk'));
  // A flush would wait for I/O that fails, and a broken filesystem cannot be frozen.
  const swap = (table: readonly TargetInput[]) =>
    dm.reload(name, table, { noFlush: true, skipLockFs: true });
  return {
    path,
    failWrites: (sound = 0) =>
      swap([
        ...(sound > 0 ? [linear({ length: sound, device })] : []),
        flakey({
          start: sound,
          length: length - sound,
          device,
          offset: sound,
          upSeconds: 0,
          downSeconds: 3600,
          errorWrites: true,
        }),
      ]),
    failAll: () => swap([error({ length })]),
    mend: () => swap([whole]),
  };
}
