import test from 'ava';
import { guestsOf, kernelTestFiles, nameOf } from '../../kernel/suite/files.ts';

test('guests run each file once', (t) => {
  const files = kernelTestFiles();
  t.deepEqual(guestsOf(files).flat().toSorted(), files.toSorted());
});

test('a slow file has a separate guest, and slow files come first', (t) => {
  const guests = guestsOf(kernelTestFiles()).map((files) => files.map(nameOf));
  t.deepEqual(guests[0], ['storage/look']);
  t.true(guests.at(-2)!.length > 1);
});

test('a single named file has a guest', (t) => {
  const [file = ''] = kernelTestFiles();
  t.deepEqual(guestsOf([file]), [[file]]);
});
