import test from 'ava';
import { parseEnv, parseSize, parseWhole } from '../../../vm/options.ts';

const sizes: readonly (readonly [text: string, bytes: number])[] = [
  ['512', 512],
  ['4K', 4096],
  ['4k', 4096],
  ['256M', 268_435_456],
  ['256MiB', 268_435_456],
  ['10G', 10_737_418_240],
  ['1T', 1_099_511_627_776],
];

for (const [text, bytes] of sizes)
  test(`size ${text}`, (t) => {
    t.is(parseSize(text), bytes);
  });

for (const text of ['', '0', '511', '1.5G', '-1M', '1X', 'M', '256MB', '99999999T', '1 G'])
  test(`not a size: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => parseSize(text), { message: /Expected a size/ });
  });

test('whole numbers have a lower and an upper bound', (t) => {
  const parse = parseWhole(1, 64);
  t.is(parse('1'), 1);
  t.is(parse('64'), 64);
  for (const text of ['0', '65', '', '2.0', '1e1', '-1', ' 3', 'x'])
    t.throws(() => parse(text), { message: /Expected a whole number from 1 to 64/ });
});

test('variables accumulate, the last one wins, and values are taken literally', (t) => {
  const first = parseEnv('A=1');
  t.deepEqual(parseEnv('B=x=y z\n', first), { A: '1', B: 'x=y z\n' });
  t.deepEqual(parseEnv('A=', first), { A: '' });
  t.deepEqual(first, { A: '1' });
});

for (const text of ['A', '=1', '1A=x', 'A-B=1', 'A B=1', ''])
  test(`not a variable: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => parseEnv(text), { message: /Expected NAME=VALUE/ });
  });
