import test from 'ava';
import { clone } from '../../../../../src/dm/targets/cache/clone.ts';
import { InputError } from '../../../../../src/dm/wire/errors.ts';
import { anyClone } from '../../../../support/arbitraries/targets/clone.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = {
  metadataDevice: '7:0',
  destinationDevice: '7:1',
  sourceDevice: '7:2',
  regionSize: 8n,
};
const working = {
  state: 'working',
  metadataBlockSize: 8,
  metadata: { used: 7n, total: 16384n },
  regionSize: 8n,
  regions: { hydrated: 0n, total: 16384n },
  hydrating: 0n,
  features: ['no_hydration'],
  hydrationThreshold: 1,
  hydrationBatchSize: 1,
  mode: 'rw',
  extra: [],
} as const;
const CAPTURED =
  '8 7/16384 8 0/16384 0 1 no_hydration 4 hydration_threshold 1 hydration_batch_size 1 rw';

testRows(clone, {
  params: [
    ['7:0 7:1 7:2 8', plain],
    ['7:0 7:1 7:2 8 1 no_hydration', { ...plain, noHydration: true }],
    [
      '7:0 7:1 7:2 8 2 no_hydration no_discard_passdown 4 hydration_threshold 256 hydration_batch_size 16',
      {
        ...plain,
        noHydration: true,
        noDiscardPassdown: true,
        core: { hydrationThreshold: 256, hydrationBatchSize: 16 },
      },
    ],
    ['7:0 7:1 7:2 8 0 2 hydration_batch_size 4', { ...plain, core: { hydrationBatchSize: 4 } }],
    [
      '7:0 7:1 7:2 8 1 lazy 2 speed 9',
      { ...plain, extra: ['lazy'], core: { extra: ['speed', '9'] } },
    ],
  ],
  read: [
    ['7:0 7:1 7:2 8 0', plain],
    ['7:0 7:1 7:2 8 0 0', plain],
    ['7:0 7:1 7:2 8 1 NO_HYDRATION', { ...plain, noHydration: true }],
  ],
  written: [[{ ...plain, regionSize: 2 ** 21, core: {} }, '7:0 7:1 7:2 2097152']],
  notWritten: [
    [{ ...plain, regionSize: 4 }, 'clone.regionSize'],
    [{ ...plain, regionSize: 24 }, 'clone.regionSize'],
    [{ ...plain, regionSize: 2 ** 22 }, 'clone.regionSize'],
    [{ ...plain, sourceDevice: 'x' }, 'clone.sourceDevice'],
    [{ ...plain, core: { hydrationThreshold: -1 } }, 'clone.core.hydrationThreshold'],
  ],
  noParams: [
    ['7:0 7:1 7:2', 'clone, region size'],
    ['7:0 7:1 7:2 8 2 no_hydration', 'clone, feature count'],
    ['7:0 7:1 7:2 8 0 1 hydration_threshold', 'clone, hydration_threshold'],
  ],
  status: [
    [CAPTURED, working],
    [
      '8 7/16384 8 5/16384 2 0 6 hydration_threshold 4 hydration_batch_size 2 speed 9 ro new',
      {
        ...working,
        regions: { hydrated: 5n, total: 16384n },
        hydrating: 2n,
        features: [],
        hydrationThreshold: 4,
        hydrationBatchSize: 2,
        mode: 'ro',
        extra: ['speed', '9', 'new'],
      },
    ],
    ['Fail', { state: 'fail' }],
    ['Error', { state: 'error' }],
  ],
  noStatus: [
    [
      '8 7/16384 8 0/16384 0 1 no_hydration 3 hydration_threshold 1 speed rw',
      'clone status, speed',
    ],
    ['8 7/16384 8 0/16384 0 0 0', 'clone status, mode'],
  ],
});

testLaws(clone, anyClone, [CAPTURED, 'Fail']);

test('messages', (t) => {
  const { messages } = clone;
  t.is(messages.enableHydration(), 'enable_hydration');
  t.is(messages.disableHydration(), 'disable_hydration');
  t.is(messages.hydrationThreshold(256), 'hydration_threshold 256');
  t.is(messages.hydrationBatchSize(4), 'hydration_batch_size 4');
  t.throws(() => messages.hydrationThreshold(2 ** 32), { instanceOf: InputError });
});
