import test from 'ava';
import { thinPool } from '../../../../src/dm/targets/index.ts';
import {
  type HealthThresholds,
  isUsedToPercent,
  type PoolState,
  poolHealth,
} from '../../../../src/thin/live/health.ts';

const REST = 'discard_passdown queue_if_no_space';

/** Status texts, most of them captured from kernels, and the state of each. */
const rows: readonly (readonly [text: string, state: PoolState, thresholds?: HealthThresholds])[] =
  [
    [`0 4110/65536 0/16384 - rw ${REST} - 1024 `, 'ok'],
    [`0 4110/65536 13107/16384 - rw ${REST} - 1024 `, 'ok'],
    [`0 4110/65536 13108/16384 - rw ${REST} - 1024 `, 'low'],
    [`0 4110/65536 13108/16384 - rw ${REST} - 1024 `, 'ok', { dataPercent: 90 }],
    [`0 49152/65536 0/16384 - rw ${REST} - 1024 `, 'low'],
    [`0 49152/65536 0/16384 - rw ${REST} - 1024 `, 'ok', { metadataPercent: 99 }],
    [`0 48/64 0/16384 - rw ${REST} - 16 `, 'low', { metadataPercent: 99 }],
    [`0 47/64 0/16384 - rw ${REST} - 16 `, 'ok', { metadataPercent: 99 }],
    [`0 4110/65536 8/8 - out_of_data_space ${REST} - 1024 `, 'out-of-data'],
    [`0 64/64 0/16384 - ro discard_passdown error_if_no_space - 16 `, 'metadata-full'],
    [`0 113/1024 1/16384 - ro ${REST} - 256 `, 'read-only'],
    [`0 113/1024 1/16384 - ro ${REST} needs_check 256`, 'needs-check'],
    [`0 113/1024 1/16384 - rw ${REST} needs_check 256`, 'needs-check'],
    ['Fail', 'failed'],
    ['Error', 'failed'],
  ];

for (const [text, state, thresholds] of rows) {
  test(`${text}${thresholds ? ` ${JSON.stringify(thresholds)}` : ''}: ${state}`, (t) => {
    const health = poolHealth(thinPool.parseStatus(text), thresholds);
    t.is(health.state, state);
    t.is(health.advice === undefined, state === 'ok', 'what is not well comes with advice');
    t.is(health.data === undefined, text === 'Fail' || text === 'Error');
  });
}

// The rows of lvm2's test of percentages: usage is not rounded up to full or down to empty.
for (const [used, total, percent, reached] of [
  [100n, 100n, 100, true],
  [100_000n, 100_000n, 100, true],
  [999_999n, 1_000_000n, 100, false],
  [999_999n, 1_000_000n, 99, true],
  [0n, 100n, 1, false],
  [1n, 1_000_000n, 1, false],
  [2n ** 64n - 2n, 2n ** 64n - 1n, 100, false],
] as const) {
  test(`${used} of ${total} is ${reached ? '' : 'not '}${percent} %`, (t) => {
    t.is(isUsedToPercent({ used, total }, percent), reached);
  });
}
