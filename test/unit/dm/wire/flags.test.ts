import test from 'ava';
import fc from 'fast-check';
import { DmFlag, flagWords } from '../../../../src/dm/wire/flags.ts';
import { holds } from '../../../support/arbitraries/runs.ts';
import { anyU32 } from '../../../support/arbitraries/values.ts';
import { askHeaders } from '../../../support/c-headers.ts';

const ROWS: readonly (readonly [flags: number, words: readonly string[]])[] = [
  [0, []],
  [0x1, ['readonly']],
  [0x2, ['suspend']],
  [0x4, ['0x4']],
  [0x62, ['suspend', 'active_present', 'inactive_present']],
  [0x200, ['0x200']],
  [0x801, ['readonly', 'noflush']],
  [0x20000, ['deferred_remove']],
  [0x100100, ['buffer_full', '0x100000']],
  // The sign bit of JavaScript's operators, an ordinary bit here.
  [0x80000000, ['0x80000000']],
  [0x80000001, ['readonly', '0x80000000']],
  [0x8000 | 0x80000, ['secure_data', 'ima_measurement']],
];

for (const [flags, words] of ROWS) {
  test(`flagWords(0x${flags.toString(16)}): ${words.join(' ') || 'none'}`, (t) => {
    t.deepEqual(flagWords(flags), words);
  });
}

test('flagWords of all 32 bits: each named flag, and one word for the rest', (t) => {
  const words = flagWords(0xffffffff);
  t.is(words.length, Object.keys(DmFlag).length + 1);
  t.is(words.at(-1), '0xfff00284');
});

test('the words of flagWords add up to the flags', (t) => {
  const bits = new Map<string, number>(
    Object.entries(DmFlag).map(([name, bit]) => [name.toLowerCase(), bit]),
  );
  holds(
    t,
    fc.property(anyU32, (flags) => {
      const back = flagWords(flags).reduce(
        (sum, word) => sum + (bits.get(word) ?? Number(word)),
        0,
      );
      return back === flags;
    }),
  );
});

test('each flag has the value of the C header', (t) => {
  const macros = Object.keys(DmFlag).map((name) => `DM_${name}_FLAG`);
  const expressions = macros.map((macro) =>
    macro === 'DM_DEFERRED_REMOVE_FLAG' ? 'DM_DEFERRED_REMOVE' : macro,
  );
  const { values, reason } = askHeaders({ headers: ['linux/dm-ioctl.h'], expressions });
  if (!values) {
    t.log(`NOT COMPARED WITH THE C HEADERS: ${reason}`);
    t.is(
      Object.values(DmFlag).reduce((sum, bit) => sum + bit, 0),
      0xfffff - 0x284,
    );
    return;
  }
  Object.values(DmFlag).forEach((bit, i) => {
    t.is(values.get(expressions[i]!), bit, expressions[i]);
  });
});
