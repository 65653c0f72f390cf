// Records of volumes as text.

import test from 'ava';
import fc from 'fast-check';
import {
  formatRecord,
  isVolumeName,
  parseRecord,
} from '../../../../src/volumes/directory/record.ts';
import { runs } from '../../../support/arbitraries/runs.ts';

test('a record is read as it was written', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        id: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
        size: fc.bigInt({ min: 1n, max: 2n ** 44n }).map((sectors) => sectors * 512n),
        created: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') }),
      }),
      (record) => {
        t.deepEqual(parseRecord('/v/a', formatRecord(record)), record);
      },
    ),
    runs(300),
  );
});

const GOOD = { id: 8_388_608, size: 512, created: '2026-01-31T12:00:00.000Z' };

for (const [fields, problem] of [
  [{ ...GOOD, id: -1 }, 'invalid id: expected 0 to 16777215, got -1'],
  [{ ...GOOD, id: 2 ** 24 }, 'invalid id: expected 0 to 16777215, got 16777216'],
  [{ ...GOOD, id: '1' }, 'invalid id: expected 0 to 16777215, got 1'],
  [{ ...GOOD, size: 0 }, 'invalid size: expected a multiple of 512 above 0, got 0'],
  [{ ...GOOD, size: 513 }, 'invalid size: expected a multiple of 512 above 0, got 513'],
  [{ ...GOOD, size: 1.5 }, 'invalid size: expected a multiple of 512 above 0, got 1.5'],
  [
    { ...GOOD, created: 'now' },
    'invalid created: expected a time such as 2026-01-31T12:00:00Z, got now',
  ],
  [null, 'expected an object'],
] as const) {
  test(`a record with ${problem}`, (t) => {
    t.throws(() => parseRecord('/v/a', JSON.stringify(fields)), {
      code: 'ERR_STORAGE_RECORD',
      message: `/v/a: cannot read the record of a volume: ${problem}. Nothing was changed. Restore a copy of the file`,
    });
  });
}

test('a torn record', (t) => {
  const text = JSON.stringify(GOOD);
  for (let length = 0; length < text.length; length++) {
    t.throws(() => parseRecord('/v/a', text.slice(0, length)), { code: 'ERR_STORAGE_RECORD' });
  }
});

test('names', (t) => {
  for (const name of ['a', 'A1', '0', 'vm-1.old_2', 'x'.repeat(64)]) t.true(isVolumeName(name));
  for (const name of ['', '.', '..', '-a', '_a', 'a/b', 'a b', 'ä', 'a\n', 'x'.repeat(65)])
    t.false(isVolumeName(name), name);
});
