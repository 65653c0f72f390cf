// The README shows the example's own lines, and says what the code says.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { ExitStatus } from '../src/cli/exit-status.ts';
import { DmError } from '../src/index.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const readme = read('README.md');

/** The lines of a code block, and those between the example's markers, without their indentation. */
const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

test("the README's example is the heart of the program that npm start runs", (t) => {
  const [, block = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const source = read('examples/containers.ts');
  const heart = source.slice(source.indexOf('// README: begin'), source.indexOf('// README: end'));
  t.true(block.length > 0);
  t.deepEqual(lines(block), lines(heart).slice(1));
});

test('the errors that the README shows read as the code writes them', (t) => {
  const denied = new DmError({
    errno: 13,
    device: '/dev/mapper/control',
    hint: 'Only root may drive the device mapper',
  });
  t.true(readme.includes(denied.message));
});

test('the exit codes of the README are all there are', (t) => {
  const [, line = ''] = /^Exit codes: (.*)\.$/m.exec(readme) ?? [];
  t.is(
    line,
    '0 done, 1 failed, 2 wrong usage, 3 no such device, 4 busy, 5 not permitted, 6 no device mapper in this kernel, 130 interrupted, 143 terminated',
  );
  t.deepEqual(line.match(/\d+/g)?.map(Number), Object.values(ExitStatus));
});
