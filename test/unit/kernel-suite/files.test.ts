import test from 'ava';
import { guestsOf, kernelTestFiles, nameOf } from '../../kernel/suite/files.ts';

test('guests run each file once', (t) => {
  const files = kernelTestFiles({ documentation: true });
  t.deepEqual(guestsOf(files).flat().toSorted(), files.toSorted());
});

test('a slow file has a separate guest, and slow files come first', (t) => {
  const guests = guestsOf(kernelTestFiles({ documentation: true })).map((files) =>
    files.map(nameOf),
  );
  t.deepEqual(guests[0], ['storage/look']);
  t.true(guests.at(-2)!.length > 1);
});

test('a single named file has a guest', (t) => {
  const [file = ''] = kernelTestFiles({ documentation: true });
  t.deepEqual(guestsOf([file]), [[file]]);
});

test('the tests of the documentation can be left out', (t) => {
  const all = kernelTestFiles({ documentation: true }).map(nameOf);
  const others = kernelTestFiles({ documentation: false }).map(nameOf);
  t.deepEqual(all.filter((name) => !others.includes(name)).toSorted(), [
    'cli/docs',
    'cli/help-examples',
    'cli/tasks',
  ]);
});
