import test from 'ava';
import { guestsOf, kernelTestFiles, nameOf } from '../kernel/suite/files.ts';

test('guests run each file once', (t) => {
  const files = kernelTestFiles();
  t.deepEqual(guestsOf(files).flat().toSorted(), files.toSorted());
});

test('a slow file has a guest of its own, and slow files come first', (t) => {
  const guests = guestsOf(kernelTestFiles()).map((files) => files.map(nameOf));
  t.deepEqual(guests[0], ['storage-look']);
  t.true(guests.at(-2)!.length > 1);
});

test('a file that is named alone has a guest', (t) => {
  const [file = ''] = kernelTestFiles();
  t.deepEqual(guestsOf([file]), [[file]]);
});
