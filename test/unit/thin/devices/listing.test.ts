// The metadata snapshot that a listing reserves is released, whatever fails.

import test from 'ava';
import { whileReserved } from '../../../../src/thin/devices/listing.ts';
import { modelPool } from '../../../support/thin/helpers.ts';

const path = async (device: string): Promise<string> => device;

test('a reservation whose commit cannot be confirmed is released', async (t) => {
  const { kernel, dm } = await modelPool();
  const handle = { dm, name: 'pool', dev: (await dm.info('pool')).dev, path: '/dev/dm-0' };
  const fault = kernel.fail(({ command }) => command.name === 'DM_TABLE_STATUS', 'ENOMEM');
  const run = () => whileReserved(handle, '/dev/meta', path, {});
  await t.throwsAsync(run(), { code: 'ENOMEM' });
  t.is(fault.met, 1);
  t.is(await run(), '/dev/meta');
});

test('a reservation of another program is not released', async (t) => {
  const { dm, pool } = await modelPool();
  const handle = { dm, name: 'pool', dev: (await dm.info('pool')).dev, path: '/dev/dm-0' };
  await pool.reserveMetadataSnap();
  const code = 'ERR_POOL_BUSY';
  await t.throwsAsync(whileReserved(handle, '/dev/meta', path, {}), { code });
  await t.notThrowsAsync(pool.releaseMetadataSnap());
});
