import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { switchTarget } from '../../../../../src/dm/targets/plain/switch.ts';
import { mapRegions } from '../../../../../src/dm/targets/plain/switch-regions.ts';
import { runs } from '../../../../support/arbitraries/runs.ts';
import {
  anyMappings,
  anyPaths,
  anySwitch,
} from '../../../../support/arbitraries/targets/switch.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const paths = [
  { device: '7:0', offset: 0n },
  { device: '7:1', offset: 16n },
];

testRows(switchTarget, {
  params: [
    ['2 128 0 7:0 0 7:1 16', { regionSize: 128n, paths }],
    ['1 1 0 7:0 0', { regionSize: 1n, paths: paths.slice(0, 1) }],
    [
      '1 1 2 new words 7:0 0',
      { regionSize: 1n, paths: paths.slice(0, 1), extra: ['new', 'words'] },
    ],
  ],
  written: [[{ regionSize: 8, paths: [{ device: '/dev/sdb' }] }, '1 8 0 /dev/sdb 0']],
  notWritten: [
    [{ regionSize: 8, paths: [] }, 'switch.paths'],
    [{ regionSize: 0, paths }, 'switch.regionSize'],
    [{ regionSize: 2n ** 32n, paths }, 'switch.regionSize'],
    [{ regionSize: 8, paths: [...paths, { device: 'x' }] }, 'switch.paths[2].device'],
  ],
  noParams: [
    ['2 128 0 7:0 0', 'switch, device'],
    ['1 128 9 7:0 0', 'switch, option count'],
    ['1 128', 'switch, option count (word 3): expected a word'],
  ],
  status: [['', undefined]],
});

testLaws(switchTarget, anySwitch);

const { setRegionMappings } = switchTarget.messages;

testRows(switchTarget, {
  messages: [
    [() => setRegionMappings([{ region: 0, path: 1 }]), 'set_region_mappings 0:1'],
    [
      () => setRegionMappings([{ region: 255n, path: 10 }, { path: 11 }]),
      'set_region_mappings ff:a :b',
    ],
    [
      () => setRegionMappings([{ region: 5000, path: 1 }, { path: 2 }, { repeat: 2, regions: 16 }]),
      'set_region_mappings 1388:1 :2 R2,10',
    ],
    [
      () => setRegionMappings([{ region: 2n ** 64n - 1n, path: 0 }]),
      'set_region_mappings ffffffffffffffff:0',
    ],
  ],
  notSent: [
    [() => setRegionMappings([]), 'mappings'],
    [() => setRegionMappings([{ path: -1 }]), 'mappings[0].path'],
    [() => setRegionMappings([{ path: 1.5 }]), 'mappings[0].path'],
    [() => setRegionMappings([{ path: 1 }, { region: -1, path: 1 }]), 'mappings[1].region'],
    [() => setRegionMappings([{ repeat: 0, regions: 1 }]), 'mappings[0].repeat'],
    [() => setRegionMappings([{ repeat: 1, regions: 2n ** 64n }]), 'mappings[0].regions'],
  ],
});

const MAPPED: readonly (readonly [number[], string])[] = [
  [[0], '64:0'],
  [[0, 0, 0], '64:0 :0 :0'],
  [[1, 1, 1, 1, 1], '64:1 R1,4'],
  [[0, 1, 0, 1, 0, 1], '64:0 :1 R2,4'],
  [[0, 1, 2, 0, 1, 2, 0, 3], '64:0 :1 :2 R3,4 :3'],
  [Array(300).fill(2), '64:2 R1,12b'],
];
for (const [list, words] of MAPPED) {
  test(`regions from 100 on, mapped to [${list.slice(0, 8)}] (${list.length})`, (t) => {
    t.is(setRegionMappings(mapRegions(100, list)), `set_region_mappings ${words}`);
  });
}

/** The effect of a message: a map from region to path. */
function carriedOut(message: string): Map<bigint, number> {
  const table = new Map<bigint, number>();
  let region = 0n;
  for (const word of message.split(' ').slice(1)) {
    const repeat = /^R([0-9a-f]+),([0-9a-f]+)$/.exec(word);
    if (repeat) {
      const cycle = BigInt(`0x${repeat[1]}`);
      for (let left = BigInt(`0x${repeat[2]}`); left > 0n; left -= 1n) {
        region += 1n;
        table.set(region, table.get(region - cycle)!);
      }
      continue;
    }
    const [, at = '', path = ''] = /^([0-9a-f]*):([0-9a-f]+)$/.exec(word)!;
    region = at === '' ? region + 1n : BigInt(`0x${at}`);
    table.set(region, Number.parseInt(path, 16));
  }
  return table;
}

test('a message from a list of paths maps each region to its path', (t) => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 40n }), anyPaths, (first, list) => {
      const table = carriedOut(setRegionMappings(mapRegions(first, list)));
      assert.deepEqual(
        [...table].sort(([a], [b]) => (a < b ? -1 : 1)),
        list.map((path, i) => [first + BigInt(i), path]),
      );
    }),
    runs(300),
  );
  t.pass();
});

test('any mappings are formatted as words that the kernel accepts', (t) => {
  const form =
    /^set_region_mappings( [0-9a-f]{0,16}:[0-9a-f]{1,8}| R[1-9a-f][0-9a-f]{0,7},[0-9a-f]{1,16})+$/;
  fc.assert(
    fc.property(anyMappings, (mappings) => {
      assert.match(setRegionMappings(mappings), form);
    }),
    runs(300),
  );
  t.pass();
});
