// Random steps, valid and invalid ones.

import fc from 'fast-check';
import { table } from './arbitrary-tables.ts';
import type { Ref, Step } from './steps.ts';

/** The names in steps, one of them with a byte that is mangled. */
const NAMES: readonly string[] = ['a', 'b', 'c', 'd', 'e', 'f g'];
const UUIDS: readonly string[] = ['U-1', 'U-2', 'U-3'];

const name: fc.Arbitrary<string> = fc.constantFrom(...NAMES);
const uuid: fc.Arbitrary<string> = fc.constantFrom(...UUIDS);
const minor: fc.Arbitrary<number> = fc.nat({ max: 4 });
const ref: fc.Arbitrary<Ref> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      pick: fc.nat({ max: 5 }),
      by: fc.constantFrom('name', 'name', 'name', 'name', 'minor', 'uuid'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ name }) },
  { weight: 1, arbitrary: fc.record({ uuid }) },
  { weight: 1, arbitrary: fc.record({ minor }) },
);
const busyRef: fc.Arbitrary<Ref> = fc.record({ busy: fc.nat({ max: 2 }) });
const poolRef: fc.Arbitrary<Ref> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ pool: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: ref },
);
const rarely: fc.Arbitrary<boolean> = fc.nat({ max: 7 }).map((n) => n === 7);

/** Messages to a pool; the first half are valid. */
const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 2 }).map((id) => `create_thin ${id}`) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }))
      .map(([id, of]) => `create_snap ${id} ${of}`),
  },
  { weight: 3, arbitrary: fc.nat({ max: 3 }).map((id) => `delete ${id}`) },
  { weight: 3, arbitrary: fc.nat({ max: 2 }).map((n) => `delete $active${n}`) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'set_transaction_id 0 1',
      'set_transaction_id 1 0',
      'set_transaction_id 0 18446744073709551616',
      'reserve_metadata_snap',
      'release_metadata_snap',
      'CREATE_THIN +2',
      'create_thin 01',
      'create_thin 16777215',
      'create_thin 16777216',
      'create_thin 0x1',
      'create_thin',
      'create_thin 0 1',
      'create_thin \\0',
      'constructor',
      '@cancel_deferred_remove twice',
      '@dmts_missing',
    ),
  },
);

const when = <T extends string>(...words: readonly T[]): fc.Arbitrary<T> =>
  fc.constantFrom(...words);

/** Optional fields of a new device; mostly none. */
const identity: fc.Arbitrary<{ readonly uuid?: string; readonly minor?: number }> = fc.oneof(
  { withCrossShrink: true },
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ uuid }) },
  { weight: 1, arbitrary: fc.record({ minor }) },
  { weight: 1, arbitrary: fc.record({ uuid, minor }) },
);
const flag = fc.boolean();
const sector: fc.Arbitrary<number> = rarely.map((far) => (far ? 5000 : 0));

/** Steps and their weights. */
const STEPS: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Step>])[] = [
  [
    18,
    fc
      .record({ do: when('create'), name, table, identity })
      .map(({ identity, ...step }) => ({ ...step, ...identity })),
  ],
  [
    4,
    fc
      .record({ do: when('create'), name, identity })
      .map(({ identity, ...step }) => ({ ...step, ...identity })),
  ],
  [8, fc.record({ do: when('load', 'load', 'reload'), ref, table, readOnly: rarely })],
  [7, fc.record({ do: when('resume', 'suspend'), ref, noFlush: rarely })],
  [2, fc.record({ do: when('suspend', 'resume', 'resume'), ref: poolRef, noFlush: rarely })],
  [3, fc.record({ do: when('clear', 'clear', 'cancel'), ref })],
  [2, fc.record({ do: when('rename'), ref, to: name })],
  [2, fc.record({ do: when('setUuid'), ref, uuid })],
  [6, fc.record({ do: when('remove'), ref, deferred: flag, force: rarely })],
  [9, fc.record({ do: when('message'), ref: poolRef, text, sector })],
  [2, fc.record({ do: when('info', 'status', 'table', 'deps'), ref, inactive: flag })],
  [1, fc.record({ do: when('wait'), ref })],
  [1, fc.record({ do: when('geometry'), ref, start: fc.constantFrom(0, 1, 2) })],
  [4, fc.record({ do: when('hold'), ref })],
  [4, fc.record({ do: when('release'), ref: busyRef })],
  [2, fc.record({ do: when('remove'), ref: busyRef, deferred: flag, force: rarely })],
  [1, fc.record({ do: when('removeAll'), deferred: flag })],
];

/** One step. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  ...STEPS.map(([weight, arbitrary]) => ({ weight, arbitrary })),
);
