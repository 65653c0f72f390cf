import test from 'ava';
import { unstriped } from '../../../../../src/dm/targets/plain/unstriped.ts';
import { anyUnstriped } from '../../../../support/arbitraries/targets/unstriped.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = { stripes: 2, chunkSize: 256n, stripe: 1, device: '7:0', offset: 0n };

testRows(unstriped, {
  params: [
    ['2 256 1 7:0 0', plain],
    ['1 3 0 7:0 8', { stripes: 1, chunkSize: 3n, stripe: 0, device: '7:0', offset: 8n }],
  ],
  written: [[{ stripes: 4, chunkSize: 8, stripe: 3, device: '/dev/md0' }, '4 8 3 /dev/md0 0']],
  notWritten: [
    [{ ...plain, stripe: 2 }, 'unstriped.stripe'],
    [{ ...plain, stripe: -1 }, 'unstriped.stripe'],
    [{ ...plain, stripes: 0 }, 'unstriped.stripes'],
    [{ ...plain, chunkSize: 0 }, 'unstriped.chunkSize'],
    [{ ...plain, chunkSize: 2 ** 32 }, 'unstriped.chunkSize'],
  ],
  noParams: [
    ['2 256 1 7:0', 'unstriped, offset'],
    ['two 256 1 7:0 0', 'unstriped, stripes'],
  ],
  status: [['', undefined]],
});

testLaws(unstriped, anyUnstriped);

test('numbers from 2^31 on, which the kernel prints as negative, are parsed', (t) => {
  const { stripes, stripe } = unstriped.parseParams('-1 256 -2147483648 7:0 0');
  t.deepEqual({ stripes, stripe }, { stripes: 2 ** 32 - 1, stripe: 2 ** 31 });
  t.throws(() => unstriped.parseParams('-2147483649 256 1 7:0 0'), { message: /stripes/ });
});
