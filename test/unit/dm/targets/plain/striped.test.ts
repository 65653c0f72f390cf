import test from 'ava';
import { striped } from '../../../../../src/dm/targets/plain/striped.ts';
import { ReplyError } from '../../../../../src/dm/wire/errors.ts';
import { anyStriped } from '../../../../support/arbitraries/targets/striped.ts';
import { testLaws } from '../../../../support/target-tests.ts';

test('parameters are formatted for the kernel', (t) => {
  t.is(
    striped.formatParams({
      chunkSize: 128,
      stripes: [{ device: '7:0' }, { device: '7:1', offset: 8n }],
    }),
    '2 128 7:0 0 7:1 8',
  );
  t.deepEqual(striped.parseParams('2 128 7:0 0 7:1 8'), {
    chunkSize: 128n,
    stripes: [
      { device: '7:0', offset: 0n },
      { device: '7:1', offset: 8n },
    ],
  });
});

const HEALTH: readonly (readonly [text: string, healthy: readonly boolean[]])[] = [
  ['2 7:0 7:1 1 AA', [true, true]],
  ['2 7:0 7:1 1 AD', [true, false]],
  ['3 7:0 7:1 7:2 1 DDA ', [false, false, true]],
  ['1 7:0 1 A', [true]],
];

for (const [text, healthy] of HEALTH) {
  test(`status ${text}`, (t) => {
    t.deepEqual(striped.parseStatus(text), {
      stripes: healthy.map((ok, i) => ({ device: `7:${i}`, healthy: ok })),
      extra: [],
    });
  });
}

test('words of a newer kernel are kept', (t) => {
  t.deepEqual(striped.parseStatus('1 7:0 1 A 5 more').extra, ['5', 'more']);
});

for (const [text, message] of [
  ['', 'striped status, stripe count (word 1): expected a word, got undefined'],
  [
    'x',
    'striped status, stripe count (word 1): expected an unsigned 64-bit decimal number, got "x"',
  ],
  ['2 7:0', 'striped status, device (word 3): expected a word, got undefined'],
  ['9007199254740991 7:0', 'striped status, device (word 3): expected a word, got undefined'],
  ['2 7:0 7:1 2 A A', 'striped status, health words (word 4): expected 1, got "2"'],
  ['2 7:0 7:1 1', 'striped status, health (word 5): expected a word, got undefined'],
  // Fewer letters than devices.
  [
    '2 7:0 7:1 1 A',
    'striped status, health (word 5): expected one letter for each of 2 devices, got "A"',
  ],
  [
    '2 7:0 7:1 1 AAA',
    'striped status, health (word 5): expected one letter for each of 2 devices, got "AAA"',
  ],
] as const) {
  test(`invalid status ${JSON.stringify(text)}`, (t) => {
    t.is(t.throws(() => striped.parseStatus(text), { instanceOf: ReplyError })?.problem, message);
  });
}

for (const [text, message] of [
  ['2 128 7:0 0', 'striped, device (word 5): expected a word, got undefined'],
  [
    '1 x 7:0 0',
    'striped, chunk size (word 2): expected an unsigned 64-bit decimal number, got "x"',
  ],
] as const) {
  test(`invalid parameters ${text}`, (t) => {
    t.is(t.throws(() => striped.parseParams(text), { instanceOf: ReplyError })?.problem, message);
  });
}

test('no stripes, an invalid device and an invalid offset are rejected by field', (t) => {
  t.throws(() => striped.formatParams({ chunkSize: 8, stripes: [] }), {
    message: 'striped.stripes: expected at least one, got 0',
  });
  t.throws(
    () => striped.formatParams({ chunkSize: 8, stripes: [{ device: '7:0' }, { device: 'x' }] }),
    {
      message: /^striped\.stripes\[1\]\.device: /,
    },
  );
  t.throws(() => striped.formatParams({ chunkSize: 8, stripes: [{ device: '7:0', offset: -1 }] }), {
    message: /^striped\.stripes\[0\]\.offset: /,
  });
  t.throws(() => striped.formatParams({ chunkSize: -8, stripes: [{ device: '7:0' }] }), {
    message: /^striped\.chunkSize: /,
  });
});

testLaws(striped, anyStriped, ['2 7:0 7:1 1 AA', '1 7:0 1 D']);
