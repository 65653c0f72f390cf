import { readFileSync } from 'node:fs';
import test from 'ava';
import { LEFT_OUT } from './left-out.ts';

for (const { file, title, reason } of LEFT_OUT) {
  test(`skipped on other processors, and a test of ${file}: ${title}`, (t) => {
    t.true(readFileSync(`test/unit/ioctl/${file}`, 'utf8').includes(`test('${title}'`));
    t.not(reason, '');
  });
}
