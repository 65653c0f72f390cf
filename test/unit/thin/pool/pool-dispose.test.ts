import test from 'ava';
import { ThinPool } from '../../../../src/thin/index.ts';
import { modelPool } from '../../../support/thin/helpers.ts';

test('disposing of an opened pool leaves it active', async (t) => {
  const { dm } = await modelPool();
  {
    const pool = await ThinPool.open(dm, 'pool');
    await pool[Symbol.asyncDispose]();
  }
  t.true(await dm.exists('pool'));
});
