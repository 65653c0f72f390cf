// A roll back can be killed at each step, and the next one still decides correctly.

import test from 'ava';
import type { LayerRecord } from '../../../../src/storage/directory/records.ts';
import { rollBack } from '../../../../src/storage/directory/roll-back.ts';
import { PENDING, RECORD } from '../../../support/storage/pending.ts';

/** The steps of a roll back, in their order. */
async function stepsWith(record: LayerRecord | undefined): Promise<readonly string[]> {
  const steps: string[] = [];
  let present = record;
  const parts = {
    pool: { deleteThin: async (id: number) => void steps.push(`delete ${id}`) },
    records: {
      get: () => present,
      remove: async () => {
        if (present !== undefined) steps.push('remove the record');
        present = undefined;
      },
      rollBackTransaction: async () => void steps.push('remove the intent'),
    },
  };
  await rollBack(parts as unknown as Parameters<typeof rollBack>[0], PENDING);
  return steps;
}

test('a creation loses its record before its thin device', async (t) => {
  t.deepEqual(await stepsWith(RECORD), ['remove the record', 'delete 5', 'remove the intent']);
});

test('a creation without a record loses its thin device', async (t) => {
  t.deepEqual(await stepsWith(undefined), ['delete 5', 'remove the intent']);
});

test('a deletion keeps its record, the only proof, until the thin device is deleted', async (t) => {
  const record = { ...RECORD, transactionId: 4n, deleted: true };
  t.deepEqual(await stepsWith(record), ['delete 5', 'remove the record', 'remove the intent']);
});
