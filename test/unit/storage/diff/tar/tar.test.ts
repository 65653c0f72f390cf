// Encode and decode headers.

import test from 'ava';
import fc from 'fast-check';
import {
  type EntryType,
  type TarEntry,
  TYPE_FLAGS,
} from '../../../../../src/storage/diff/tar/entry.ts';
import { encodeTime, parseTime } from '../../../../../src/storage/diff/tar/pax.ts';
import { readEntries } from '../../../../../src/storage/diff/tar/read.ts';
import { encodeEntry } from '../../../../../src/storage/diff/tar/write.ts';
import { holds } from '../../../../support/arbitraries/runs.ts';
import { sourceOf } from '../../../../support/storage/diff/byte-source.ts';

const byteText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: 1, maxLength })
    .map((bytes) => Buffer.from(bytes.map((byte) => byte || 1)).toString('latin1'));

const name = byteText(300).map((text) => text.replaceAll('/', '_'));
const id = fc.oneof(fc.nat(), fc.constantFrom(0, 2_097_151, 2_097_152, 0xffff_fffe));
const types = Object.keys(TYPE_FLAGS) as EntryType[];

const entry: fc.Arbitrary<TarEntry> = fc
  .record({
    type: fc.constantFrom(...types),
    path: name,
    linkPath: byteText(300),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: id,
    gid: id,
    size: fc.oneof(fc.bigInt(0n, 2n ** 63n - 1n), fc.constantFrom(0n, 8n ** 11n - 1n, 8n ** 11n)),
    mtime: fc.bigInt(-(2n ** 63n), 2n ** 63n),
    major: fc.bigInt(0n, 4095n),
    minor: fc.bigInt(0n, 1_048_575n),
    xattrs: fc
      .dictionary(
        byteText(20).map((text) => text.replaceAll('=', '_')),
        fc.uint8Array({ maxLength: 100 }),
      )
      .map((all) => new Map(Object.entries(all).map(([key, value]) => [key, Buffer.from(value)]))),
    allXattrs: fc.boolean(),
  })
  .map((one) => ({
    ...one,
    size: one.type === 'file' ? one.size : 0n,
    ...(one.type.endsWith('-device') ? {} : { major: 0n, minor: 0n }),
  }));

test('a decoded entry equals the encoded one', (t) => {
  holds(
    t,
    fc.property(entry, (one) => {
      const [read] = readEntries(sourceOf([encodeEntry(one)]));
      const path = one.type === 'directory' ? `${one.path}/` : one.path;
      t.deepEqual(read?.entry, { ...one, path });
    }),
    300,
  );
});

test('a decoded time equals the encoded one', (t) => {
  holds(
    t,
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n), (time) => parseTime(encodeTime(time)) === time),
  );
});

for (const [text, time] of [
  ['0', 0n],
  ['1.5', 1_500_000_000n],
  ['-1.5', -1_500_000_000n],
  ['-0.000000001', -1n],
  ['1.0000000019', 1_000_000_001n],
  ['1.', 1_000_000_000n],
] as const) {
  test(`the time ${text}`, (t) => {
    t.is(parseTime(text), time);
  });
}
