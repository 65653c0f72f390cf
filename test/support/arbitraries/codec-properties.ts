// Properties of everything that is encoded and decoded. The tests run them for seconds, fuzz/ runs them without end.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkTable, encodeTable, formatTable, parseTable } from '../../../src/dm/text/table.ts';
import {
  dmIoctl,
  dmNameList,
  dmNameListTail,
  dmTargetDeps,
  dmTargetMsg,
  dmTargetSpec,
  dmTargetVersions,
} from '../../../src/dm/wire/abi.ts';
import {
  formatDev,
  majorOf,
  makeDev,
  minorOf,
  parseDev,
} from '../../../src/dm/wire/device-number.ts';
import { InputError } from '../../../src/dm/wire/errors.ts';
import {
  displayName,
  displayUuid,
  kernelName,
  kernelUuid,
  type Mangling,
  unmangle,
} from '../../../src/dm/wire/names.ts';
import { fromKernel, toKernel } from '../../../src/dm/wire/text.ts';
import type { RecordCodec } from '../../../src/ioctl/struct/record.ts';
import { type Law, law } from './runs.ts';
import { walkTable } from './table-walker.ts';
import { anyTable } from './tables.ts';
import {
  anyHeader,
  anyI32,
  anyU32,
  anyU64,
  anyVersion,
  kernelText,
  unicodeText,
} from './values.ts';

const plain = { noNullPrototype: true } as const;

const roundTrip = <T>(codec: RecordCodec<T>, values: fc.Arbitrary<T>): Law =>
  law(
    `${codec.name} decodes to the encoded value`,
    fc.property(values, (value) => {
      assert.deepEqual(codec.decode(codec.encode(value)), value);
    }),
  );

/** Bytes of a struct: offset and length. */
type Span = readonly [at: number, length: number];

/**
 * Bytes that the kernel could have written are unchanged after decoding and encoding: the bytes after the NUL of a text
 * and the gaps between members are zero.
 */
const bytesBack = <T>(
  { name, size, decode, encode }: RecordCodec<T>,
  { texts = [], gaps = [] }: { readonly texts?: readonly Span[]; readonly gaps?: readonly Span[] },
): Law =>
  law(
    `${name} encodes to the bytes that were decoded`,
    fc.property(fc.uint8Array({ minLength: size, maxLength: size }), (any) => {
      const bytes = Buffer.from(any);
      for (const [at, length] of gaps) bytes.fill(0, at, at + length);
      for (const [at, length] of texts) {
        bytes[at + length - 1] = 0;
        bytes.fill(0, bytes.indexOf(0, at), at + length);
      }
      assert.deepEqual(encode(decode(bytes)), bytes);
    }),
  );

/** Properties of the structs of an ioctl. The offsets are those of <linux/dm-ioctl.h>. */
export const RECORD_LAWS: readonly Law[] = [
  roundTrip(dmIoctl, anyHeader),
  roundTrip(
    dmTargetSpec,
    fc.record(
      {
        sectorStart: anyU64,
        length: anyU64,
        status: anyI32,
        next: anyU32,
        targetType: kernelText(15),
      },
      plain,
    ),
  ),
  roundTrip(dmNameList, fc.record({ dev: anyU64, next: anyU32 }, plain)),
  roundTrip(dmNameListTail, fc.record({ eventNr: anyU32, flags: anyU32 }, plain)),
  roundTrip(dmTargetDeps, fc.record({ count: anyU32 }, plain)),
  roundTrip(dmTargetVersions, fc.record({ next: anyU32, version: anyVersion }, plain)),
  roundTrip(dmTargetMsg, fc.record({ sector: anyU64 }, plain)),
  bytesBack(dmIoctl, {
    texts: [
      [48, 128],
      [176, 129],
    ],
    gaps: [
      [36, 4],
      [305, 7],
    ],
  }),
  bytesBack(dmTargetSpec, { texts: [[24, 16]] }),
  bytesBack(dmNameList, {}),
  bytesBack(dmNameListTail, {}),
  bytesBack(dmTargetDeps, { gaps: [[4, 4]] }),
  bytesBack(dmTargetVersions, {}),
  bytesBack(dmTargetMsg, {}),
];

type NameMaker = (text: string, mode: Mangling) => string;

/** The result for a name, or `undefined` if the name is rejected. */
function accepted(make: NameMaker, text: string, mode: Mangling): string | undefined {
  try {
    return make(text, mode);
  } catch (error) {
    assert(error instanceof InputError, `expected an InputError, got ${String(error)}`);
    return undefined;
  }
}

const MANGLED = /^(?:[0-9A-Za-z#+\-.:=@_]|\\x[0-9a-fA-F]{2})+$/;

const anyName = fc.oneof(unicodeText(40), unicodeText(140));

const nameLaw = (what: 'name' | 'uuid', make: NameMaker, show: NameMaker, max: number): Law =>
  law(
    `an accepted ${what} fits, and its displayed form converts back to it`,
    fc.property(anyName, fc.constantFrom('auto', 'hex', 'none'), (text, mode) => {
      const kernel = accepted(make, text, mode);
      if (kernel === undefined) return;
      assert(kernel.length >= 1 && kernel.length <= max);
      assert.equal(make(show(kernel, mode), mode), kernel, 'the displayed form converts back');
      if (mode === 'none') assert.equal(fromKernel(kernel), text);
      else assert.match(kernel, MANGLED);
      if (mode === 'hex') assert.equal(unmangle(kernel), text);
      if (mode === 'auto')
        assert.equal(make(kernel, 'auto'), kernel, 'a mangled name is not mangled again');
    }),
  );

/** Properties of texts, names, device numbers and tables. */
export const TEXT_LAWS: readonly Law[] = [
  law(
    'text is unchanged after conversion to and from the kernel',
    fc.property(unicodeText(30), (text) => {
      assert.equal(fromKernel(toKernel(text)), text);
    }),
  ),
  law(
    'bytes that are not UTF-8 are displayed as numbers',
    fc.property(kernelText(30), (bytes) => {
      const shown = fromKernel(bytes);
      if (toKernel(shown) !== bytes) {
        const back = shown.replace(/\\x([89a-f][0-9a-f])/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        );
        assert.equal(back, bytes);
      }
    }),
  ),
  nameLaw('name', kernelName, displayName, 127),
  nameLaw('uuid', kernelUuid, displayUuid, 128),
  law(
    'a device number converts to major, minor and text, and back',
    fc.property(fc.nat(4095), fc.nat(1_048_575), (major, minor) => {
      const dev = makeDev(major, minor);
      assert.deepEqual([majorOf(dev), minorOf(dev)], [major, minor]);
      assert(dev <= 0xffffffffn);
      assert.equal(parseDev(formatDev(dev)), dev);
    }),
  ),
  law(
    'every 32-bit number is a valid device number',
    fc.property(anyU32, (bits) => {
      const dev = BigInt(bits);
      assert.equal(makeDev(majorOf(dev), minorOf(dev)), dev);
    }),
  ),
  law(
    'a walker that uses only the header file finds the table in its bytes',
    fc.property(anyTable, (table) => {
      const walked = walkTable(encodeTable(table), table.length);
      assert.deepEqual(walked, table);
    }),
  ),
  law(
    'a table that is formatted as text parses to the same table',
    fc.property(anyTable, (table) => {
      assert.deepEqual(checkTable(parseTable(formatTable(table))), table);
    }),
  ),
];
