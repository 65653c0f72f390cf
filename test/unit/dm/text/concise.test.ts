import test from 'ava';
import fc from 'fast-check';
import { formatConcise, parseConcise } from '../../../../src/dm/text/concise.ts';

test('parseConcise parses the examples of dmsetup(8)', (t) => {
  t.deepEqual(parseConcise('dev1,,,,0 100 linear 253:1 0,100 100 error;dev2,,,ro,0 1 error'), [
    {
      name: 'dev1',
      readOnly: false,
      table: [
        { start: 0n, length: 100n, type: 'linear', params: '253:1 0' },
        { start: 100n, length: 100n, type: 'error', params: '' },
      ],
    },
    { name: 'dev2', readOnly: true, table: [{ start: 0n, length: 1n, type: 'error', params: '' }] },
  ]);
});

const refused: readonly (readonly [text: string, message: RegExp])[] = [
  [',,,,0 1 zero', /^device 1, name: expected a name/],
  ['a,,x,,0 1 zero', /^device 1 "a", minor: expected a minor number or an empty field, got "x"/],
  ['a,,1048576,,0 1 zero', /^device 1 "a", minor/],
  ['a,,\u20281,,0 1 zero', /^device 1 "a", minor/],
  ['a,,,\u00a0ro,0 1 zero', /^device 1 "a", flags/],
  ['a,,,rx,0 1 zero', /^device 1 "a", flags: expected ro, rw or an empty field, got "rx"/],
  ['a,,,rw', /^device 1 "a", table: expected at least one table line/],
  ['a,,,,0 1 zero;b,,,,one zero', /^device 2 "b", line 1: expected START LENGTH TYPE PARAMS/],
];
for (const [text, message] of refused) {
  test(`parseConcise rejects "${text}"`, (t) => {
    t.throws(() => parseConcise(text), { message });
  });
}

const word = fc.stringMatching(/^[a-z:,;\\][a-z0-9:,;\\/-]{0,8}$/);
const device = fc.record({
  name: word,
  uuid: fc.option(word, { nil: undefined }),
  minor: fc.option(fc.integer({ min: 0, max: 1_048_575 }), { nil: undefined }),
  readOnly: fc.boolean(),
  table: fc.array(
    fc.record({
      start: fc.bigInt(0n, 2n ** 54n),
      length: fc.bigInt(1n, 2n ** 54n),
      type: fc.stringMatching(/^[a-z-]{1,15}$/),
      params: fc.array(word, { maxLength: 3 }).map((words) => words.join(' ')),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

test('parseConcise inverts formatConcise', (t) => {
  fc.assert(
    fc.property(fc.array(device, { minLength: 1, maxLength: 3 }), (devices) => {
      const present = devices.map(({ uuid, minor, ...rest }) => ({
        ...rest,
        ...(uuid !== undefined && { uuid }),
        ...(minor !== undefined && { minor }),
      }));
      t.deepEqual(parseConcise(formatConcise(devices)), present);
    }),
  );
});
