import test from 'ava';
import { guestsOf, kernelTestFiles, nameOf } from '../../kernel/suite/files.ts';

test('guests run each file once', (t) => {
  const files = kernelTestFiles({ once: true });
  t.deepEqual(guestsOf(files).flat().toSorted(), files.toSorted());
});

test('a slow file has a separate guest, and slow files come first', (t) => {
  const guests = guestsOf(kernelTestFiles({ once: true })).map((files) => files.map(nameOf));
  t.deepEqual(guests[0], ['storage/look']);
  t.true(guests.at(-2)!.length > 1);
});

test('a single named file has a guest', (t) => {
  const [file = ''] = kernelTestFiles({ once: true });
  t.deepEqual(guestsOf([file]), [[file]]);
});

test('the tests for which one kernel suffices can be left out', (t) => {
  const all = kernelTestFiles({ once: true }).map(nameOf);
  const others = kernelTestFiles({ once: false }).map(nameOf);
  t.deepEqual(all.filter((name) => !others.includes(name)).toSorted(), [
    'cli/docs',
    'cli/help-examples',
    'cli/tasks',
    'crash/kill-mutations',
    'crash/power-mutation',
  ]);
});
