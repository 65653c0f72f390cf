import { execFileSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { joinLvmName, splitLvmName } from '../../../../src/dm/text/lvm-name.ts';

const rows: readonly (readonly [name: string, group: string, volume: string, layer: string])[] = [
  ['vg-lv', 'vg', 'lv', ''],
  ['vg--a-lv--b-real', 'vg-a', 'lv-b', 'real'],
  ['vg', 'vg', '', ''],
  ['vg---x', 'vg-', 'x', ''],
  ['a-b-c-d', 'a', 'b', 'c'],
  ['vg--x-lv-tpool', 'vg-x', 'lv', 'tpool'],
  ['a-', 'a-', '', ''],
  ['a--b', 'a-b', '', ''],
  ['a-----b', 'a--', 'b', ''],
  ['x-y-', 'x', 'y-', ''],
];

for (const [name, volumeGroup, logicalVolume, layer] of rows) {
  test(`splitLvmName splits ${name}`, (t) => {
    t.deepEqual(splitLvmName(name), { volumeGroup, logicalVolume, layer });
  });
}

const part = fc.stringMatching(/^[a-z]([a-z-]{0,4}[a-z])?$/);

test('splitLvmName inverts joinLvmName', (t) => {
  fc.assert(
    fc.property(part, part, fc.option(part, { nil: '' }), (volumeGroup, logicalVolume, layer) => {
      const parts = { volumeGroup, logicalVolume, layer };
      t.deepEqual(splitLvmName(joinLvmName(parts)), parts);
    }),
  );
});

test('splitLvmName splits names as dmsetup does', (t) => {
  const dmsetup = (name: string): string =>
    execFileSync('dmsetup', ['splitname', '-c', '--noheadings', '--separator', '|', name], {
      encoding: 'utf8',
    }).trim();
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z-]{0,9}$/), (name) => {
      const { volumeGroup, logicalVolume, layer } = splitLvmName(name);
      t.is(`${volumeGroup}|${logicalVolume}|${layer}`, dmsetup(name), name);
    }),
    { numRuns: 200 },
  );
});
