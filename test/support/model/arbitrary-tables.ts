// Random tables, valid and invalid ones.

import fc from 'fast-check';
import type { Line } from './steps.ts';

const TOO_LARGE = 2 ** 40;
const minor: fc.Arbitrary<number> = fc.nat({ max: 4 });

/** A device below; rarely a missing one. */
const below: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('$data0', '$data1') },
  { weight: 5, arbitrary: fc.nat({ max: 5 }).map((n) => `$pick${n}`) },
  { weight: 1, arbitrary: minor.map((n) => `/dev/dm-${n}`) },
  { weight: 1, arbitrary: minor.map((n) => `$dm${n}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('$dm99', '/dev/dmts-missing', '5000:1', '0:0', '$path0'),
  },
);
const size: fc.Arbitrary<number> = fc.constantFrom(8, 1024, 2048, 4096);
const sizeOrWrong: fc.Arbitrary<number> = fc.oneof(
  { weight: 20, arbitrary: size },
  { weight: 1, arbitrary: fc.constantFrom(1, 100, TOO_LARGE) },
);

const linear: fc.Arbitrary<Line> = fc
  .tuple(sizeOrWrong, below, fc.constantFrom(0, 8, 1024))
  .map(([length, on, at]) => ({ length, type: 'linear', params: `${on} ${at}` }));
const striped: fc.Arbitrary<Line> = fc
  .tuple(sizeOrWrong, below, below, fc.constantFrom(4, 8, 64))
  .map(([length, a, b, chunk]) => ({
    length,
    type: 'striped',
    params: `2 ${chunk} ${a} 0 ${b} 2048`,
  }));
const pool: fc.Arbitrary<Line> = fc
  .tuple(
    fc.constantFrom(2048, 2048, 4096, 4096, 32_768, 65_536),
    fc.constantFrom('$meta0', '$meta0', '$meta1'),
    fc.constantFrom('$data0', '$data0', '$data1'),
    fc.constantFrom(128, 128, 128, 128, 128, 256, 192),
    fc.constantFrom(
      '',
      '',
      '',
      '',
      '0',
      '1 skip_block_zeroing',
      '1 ignore_discard',
      '2 no_discard_passdown error_if_no_space',
      '1 nosuch',
      '2 skip_block_zeroing',
      '1 read_only',
    ),
  )
  .map(([length, meta, data, block, features]) => ({
    length,
    type: 'thin-pool',
    params: `${meta} ${data} ${block} 1 ${features}`.trimEnd(),
  }));
const thin: fc.Arbitrary<Line> = fc
  .tuple(
    size,
    fc.constantFrom('$pool0', '$pool0', '$pool0', '$pool1', '$pick0'),
    fc.constantFrom('0', '0', '0', '1', '1', '2', '+1', '02', '16777216', 'x'),
  )
  .map(([length, on, id]) => ({ length, type: 'thin', params: `${on} ${id}` }));
const plain: fc.Arbitrary<Line> = fc
  .tuple(sizeOrWrong, fc.constantFrom('zero', 'zero', 'error'))
  .map(([length, type]) => ({ length, type, params: '' }));
/** Lines that every kernel rejects, and numbers at the limits. */
const odd: fc.Arbitrary<Line> = fc.constantFrom(
  { length: 8, type: 'dmts-missing', params: '' },
  { length: 8, type: 'zero', params: '1' },
  { length: 8, type: 'linear', params: '$data0' },
  { length: 8, type: 'linear', params: '$data0 +8' },
  { length: 8, type: 'linear', params: '$data0 0x8' },
  { length: 8, type: 'linear', params: '$data0 -8' },
  { length: 8, type: 'linear', params: '$data0 08' },
  { length: 8, type: 'linear', params: '$data0 18446744073709551624' },
  { length: 8, type: 'linear', params: ' $data0  8 ' },
  { length: 8, type: 'linear', params: '$data0 8 9' },
  { length: 8, type: 'linear', params: '$data0 32768' },
  { length: 16, type: 'striped', params: '0 8' },
  { length: 16, type: 'striped', params: '2 0 $data0 0 $data1 0' },
  { length: 16, type: 'striped', params: '2 8 $data0 0' },
  { length: 16, type: 'striped', params: '+2 8 $data0 0 $data1 0' },
  { length: 16, type: 'striped', params: '2 4294967304 $data0 0 $data1 0' },
  { length: 2048, type: 'thin-pool', params: '$meta0 $data0 128' },
  { length: 2048, type: 'thin-pool', params: '$meta0 $meta0 128 0' },
  { length: 2048, type: 'thin-pool', params: '$meta0 $data0 128 -1' },
  { length: 2048, type: 'thin-pool', params: '$meta0 $data0 +128 0 0 more' },
  { length: 2048, type: 'thin', params: '$pool0' },
  { length: 2048, type: 'thin', params: '$pool0 0 $pool0' },
  { length: 2048, type: 'thin', params: '$pool0 0 $data1' },
  { length: 2048, type: 'thin', params: '$data0 0' },
);
const line: fc.Arbitrary<Line> = fc.oneof(
  { weight: 8, arbitrary: linear },
  { weight: 2, arbitrary: striped },
  { weight: 6, arbitrary: pool },
  { weight: 4, arbitrary: thin },
  { weight: 3, arbitrary: plain },
  { weight: 1, arbitrary: odd },
);
/** A table. */
export const table: fc.Arbitrary<readonly Line[]> = fc.oneof(
  { weight: 12, arbitrary: line.map((one) => [one]) },
  { weight: 2, arbitrary: fc.array(line, { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant([{ start: 8, length: 8, type: 'zero', params: '' }]) },
);
