import { endianness } from 'node:os';
import test from 'ava';
import fc from 'fast-check';
import koffi, { type TypeObject } from 'koffi';
import {
  chars,
  type Field,
  i32,
  memoryOf,
  type RecordCodec,
  record,
  U64_MAX,
  u32,
  u64,
  version,
} from '../../../../src/ioctl/struct/record.ts';

type Values = Readonly<Record<string, unknown>>;

const LITTLE = endianness() === 'LE';

// --- tables -------------------------------------------------------------------------------------

interface FieldTable {
  readonly title: string;
  readonly codec: RecordCodec<{ readonly x: never }>;
  /** Each value and its bytes in little-endian order, lowest address first. */
  readonly correct: readonly (readonly [value: unknown, hex: string])[];
  /** Each value and the error message of `encode`. */
  readonly errValue: readonly (readonly [value: unknown, message: string])[];
}

const only = (field: Field<never>): FieldTable['codec'] => record('r', field.size, { x: field });
const not32 = (range: string, value: unknown): readonly [unknown, string] => [
  value,
  `r.x: expected an integer from ${range}, got ${value}`,
];
const not64 = (value: unknown): readonly [unknown, string] => [
  value,
  `r.x: expected a bigint from 0 to 18446744073709551615, got ${value}`,
];

const U32 = '0 to 4294967295';
const I32 = '-2147483648 to 2147483647';

const FIELDS: readonly FieldTable[] = [
  {
    title: 'u32',
    codec: only(u32(0) as Field<never>),
    correct: [
      [0, '00000000'],
      [1, '01000000'],
      [0x12345678, '78563412'],
      [0x80000000, '00000080'],
      [0xffffffff, 'ffffffff'],
    ],
    errValue: [-1, 0x100000000, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1n, '1', undefined].map(
      (value) => not32(U32, value),
    ),
  },
  {
    title: 'i32',
    codec: only(i32(0) as Field<never>),
    correct: [
      [0, '00000000'],
      [-1, 'ffffffff'],
      [0x7fffffff, 'ffffff7f'],
      [-0x80000000, '00000080'],
    ],
    errValue: [0x80000000, -0x80000001, 0.5, Number.NaN].map((value) => not32(I32, value)),
  },
  {
    title: 'u64',
    codec: only(u64(0) as Field<never>),
    correct: [
      [0n, '0000000000000000'],
      [1n, '0100000000000000'],
      [0x0123456789abcdefn, 'efcdab8967452301'],
      [2n ** 53n + 1n, '0100000000002000'],
      [U64_MAX, 'ffffffffffffffff'],
    ],
    errValue: [-1n, 2n ** 64n, 1, 0.5, '1', null, undefined].map(not64),
  },
  {
    title: 'chars',
    codec: only(chars(0, 4) as Field<never>),
    correct: [
      ['', '00000000'],
      ['a', '61000000'],
      ['abc', '61626300'],
      ['\u00ff', 'ff000000'],
    ],
    errValue: [
      ['abcd', 'r.x: expected at most 3 bytes without NUL, got "abcd"'],
      ['a\0b', 'r.x: expected at most 3 bytes without NUL, got "a\\u0000b"'],
      ['\0', 'r.x: expected at most 3 bytes without NUL, got "\\u0000"'],
      ['\u0100', 'r.x: expected at most 3 bytes without NUL, got "\u0100"'],
    ],
  },
  {
    title: 'version',
    codec: only(version(0) as Field<never>),
    correct: [
      [[4, 0, 0], '040000000000000000000000'],
      [[1, 2, 0xffffffff], '0100000002000000ffffffff'],
    ],
    errValue: [
      [[1, -1, 0], `r.x[1]: expected an integer from ${U32}, got -1`],
      [[1, 2], `r.x[2]: expected an integer from ${U32}, got undefined`],
    ],
  },
];

/** Convert hex from little-endian to this machine's order: integers are reversed, text is not. */
function native(title: string, hex: string): string {
  if (LITTLE || title === 'chars') return hex;
  const unit = title === 'u64' ? 16 : 8;
  const turn = (part: string): string => Buffer.from(part, 'hex').reverse().toString('hex');
  return (hex.match(new RegExp(`.{${unit}}`, 'g')) ?? []).map(turn).join('');
}

for (const { title, codec, correct, errValue } of FIELDS) {
  for (const [value, hex] of correct) {
    const shown = typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
    test(`${title} ${shown}`, (t) => {
      t.is(codec.encode({ x: value as never }).toString('hex'), native(title, hex));
      t.deepEqual<unknown, unknown>(codec.decode(Buffer.from(native(title, hex), 'hex')).x, value);
    });
  }
  for (const [value, message] of errValue) {
    test(`${title} rejects ${typeof value}: ${message}`, (t) => {
      t.throws(() => codec.encode({ x: value as never }), { instanceOf: RangeError, message });
    });
  }
}

test('chars without a NUL are read up to the end of the array', (t) => {
  const codec = record('r', 8, { text: chars(2, 4) });
  t.is(codec.decode(Buffer.from('xxabcdyy')).text, 'abcd');
  t.is(codec.decode(Buffer.from('xxab\0dyy')).text, 'ab');
});

test('a shorter text overwrites all of a longer one', (t) => {
  const codec = record('r', 4, { text: chars(0, 4) });
  const bytes = Buffer.from('abc\0');
  codec.encodeInto({ text: 'z' }, bytes);
  t.is(bytes.toString('hex'), '7a000000');
});

test('one memory holds several structs, whose fields are read and written one by one', (t) => {
  const codec = record('r', 8, { number: u32(0), text: chars(4, 4) });
  const bytes = Buffer.alloc(17, 0x2e).subarray(1);
  const memory = memoryOf(bytes);
  codec.encodeInto({ number: 1, text: 'a' }, memory);
  codec.encodeInto({ number: 2, text: 'b' }, memory, 8);
  t.deepEqual(codec.decode(memory, 8), { number: 2, text: 'b' });
  codec.fields.number.write(memory, 8, 3, 'number');
  t.is(codec.fields.number.read(memory, 8), 3);
  t.is(codec.fields.text.read(memory, 0), 'a');
  t.deepEqual(codec.decode(bytes, 8), { number: 3, text: 'b' });
});

const LAYOUT_ERRORS = [
  ['two fields at one place', 8, { a: u32(0), b: u32(0) }, 'r.b'],
  ['a field that begins inside another', 12, { a: u64(0), b: u32(4) }, 'r.b'],
  ['the same, declared the other way round', 12, { b: u32(4), a: u64(0) }, 'r.b'],
  ['a field inside another', 16, { a: chars(0, 16), b: u32(4) }, 'r.b'],
  ['a field past the end', 7, { a: u32(0), b: u32(4) }, 'r.b'],
  ['a field before the beginning', 8, { a: u32(-1) }, 'r.a'],
  ['an array past the end', 8, { a: chars(4, 5) }, 'r.a'],
] as const;

for (const [title, size, fields, where] of LAYOUT_ERRORS) {
  test(`a layout is rejected: ${title}`, (t) => {
    t.throws(() => record('r', size, fields), {
      instanceOf: RangeError,
      message: `${where}: overlaps another field or the end of the struct`,
    });
  });
}

// --- properties ---------------------------------------------------------------------------------

interface Kind {
  readonly field: (offset: number) => Field<unknown>;
  readonly size: number;
  readonly value: fc.Arbitrary<unknown>;
  /** The same member in C. */
  readonly c: string | TypeObject;
}

const any32 = fc.integer({ min: 0, max: 0xffffffff });
const INTEGERS: readonly Kind[] = [
  { field: u32, size: 4, value: any32, c: 'uint32_t' },
  { field: i32, size: 4, value: fc.integer(), c: 'int32_t' },
  { field: u64, size: 8, value: fc.bigInt({ min: 0n, max: U64_MAX }), c: 'uint64_t' },
  {
    field: version,
    size: 12,
    value: fc.tuple(any32, any32, any32),
    c: koffi.array('uint32_t', 3, 'Array'),
  },
];
const text = (size: number, unit: fc.Arbitrary<string>): Kind => ({
  field: (offset) => chars(offset, size),
  size,
  value: fc.string({ unit, maxLength: size - 1 }),
  c: koffi.array('char', size, 'String'),
});
const latin1 = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
const ascii = fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code));

const integerKind = fc.constantFrom(...INTEGERS);
const textKind = (unit: fc.Arbitrary<string>): fc.Arbitrary<Kind> =>
  fc.integer({ min: 1, max: 20 }).map((size) => text(size, unit));

/** A struct of any layout, with fields in any order and gaps between them, and a value for it. */
const anyRecord = fc
  .array(fc.tuple(fc.oneof(integerKind, textKind(latin1)), fc.nat(9)), { maxLength: 8 })
  .chain((members) => {
    let end = 0;
    let owned = 0;
    const fields: [string, Field<unknown>][] = [];
    const values: Record<string, fc.Arbitrary<unknown>> = {};
    for (const [i, [kind, gap]] of members.entries()) {
      fields.push([`f${i}`, kind.field(end + gap)]);
      values[`f${i}`] = kind.value;
      end += gap + kind.size;
      owned += kind.size;
    }
    return fc.record({
      owned: fc.constant(owned),
      codec: fc
        .tuple(fc.shuffledSubarray(fields, { minLength: fields.length }), fc.nat(9))
        .map(([shuffled, tail]) => record('r', end + tail, Object.fromEntries(shuffled))),
      value: fc.record(values, { noNullPrototype: true }) as fc.Arbitrary<Values>,
    });
  });

test('encoded values decode to the same values', (t) => {
  fc.assert(
    fc.property(anyRecord, ({ codec, value }) => {
      t.deepEqual<unknown, unknown>(codec.decode(codec.encode(value as never)), value);
    }),
    { numRuns: 500 },
  );
});

test('encoding writes the bytes of its fields only, and none before, after or between them', (t) => {
  const room = fc.tuple(fc.nat(9), fc.nat(9));
  fc.assert(
    fc.property(anyRecord, room, ({ codec, value, owned }, [before, after]) => {
      // A byte that was not written still has its background value.
      const [black, white] = [0x00, 0xff].map((colour) => {
        const target = Buffer.alloc(before + codec.size + after, colour);
        codec.encodeInto(value as never, target, before);
        t.deepEqual<unknown, unknown>(codec.decode(target, before), value);
        return target;
      }) as [Buffer, Buffer];
      const written = [...black.keys()].filter((i) => black[i] !== 0x00 || white[i] !== 0xff);
      t.is(written.length, owned);
      t.true(written.every((i) => i >= before && i < before + codec.size));
      t.deepEqual(black.subarray(before, before + codec.size), codec.encode(value as never));
    }),
    { numRuns: 300 },
  );
});

test('any bytes of a layout of integers without gaps are unchanged after decoding and encoding', (t) => {
  const layoutAndBytes = fc.array(integerKind, { minLength: 1, maxLength: 8 }).chain((kinds) => {
    const fields: Record<string, Field<unknown>> = {};
    let size = 0;
    for (const [i, kind] of kinds.entries()) {
      fields[`f${i}`] = kind.field(size);
      size += kind.size;
    }
    return fc.record({
      codec: fc.constant(record('r', size, fields)),
      bytes: fc.uint8Array({ minLength: size, maxLength: size }),
    });
  });
  fc.assert(
    fc.property(layoutAndBytes, ({ codec, bytes }) => {
      t.deepEqual(codec.encode(codec.decode(bytes)), Buffer.from(bytes));
    }),
    { numRuns: 500 },
  );
});

test('decoding does not read outside the given bytes', (t) => {
  const fill = fc.tuple(fc.nat(255), fc.nat(255));
  fc.assert(
    fc.property(
      anyRecord,
      fc.nat(40),
      fc.nat(40),
      fc.nat(20),
      fill,
      (r, length, at, lead, fills) => {
        const { codec } = r;
        // The same window on two buffers that differ only outside it.
        const bytes = fills.map((byte) => {
          const whole = Buffer.alloc(lead + length + 60, byte);
          whole.fill(0x41, lead, lead + length);
          return whole.subarray(lead, lead + length);
        });
        if (at + codec.size > length) {
          for (const window of bytes) {
            t.throws(() => codec.decode(window, at), {
              instanceOf: RangeError,
              message: `r: expected ${codec.size} bytes at offset ${at}, got a buffer of ${length}`,
            });
          }
        } else {
          t.deepEqual<unknown, unknown>(codec.decode(bytes[0]!, at), codec.decode(bytes[1]!, at));
        }
      },
    ),
    { numRuns: 500 },
  );
});

for (const [at, length] of [
  [-1, 8],
  [5, 8],
  [0, 3],
  [8, 8],
  [0x100000000, 8],
] as const) {
  test(`a struct of 4 bytes is not read or written at ${at} of ${length}`, (t) => {
    const codec = record('r', 4, { x: u32(0) });
    const expected = {
      instanceOf: RangeError,
      message: `r: expected 4 bytes at offset ${at}, got a buffer of ${length}`,
    };
    t.throws(() => codec.decode(Buffer.alloc(length), at), expected);
    t.throws(() => codec.encodeInto({ x: 1 }, Buffer.alloc(length), at), expected);
  });
}

// --- an independent oracle ----------------------------------------------------------------------

test('a C struct has the same layout and bytes as in koffi', (t) => {
  const structure = fc
    .array(fc.oneof(integerKind, textKind(ascii)), { minLength: 1, maxLength: 8 })
    .chain((kinds) =>
      fc.record({ kinds: fc.constant(kinds), values: fc.tuple(...kinds.map((k) => k.value)) }),
    );
  fc.assert(
    fc.property(structure, ({ kinds, values }) => {
      const type = koffi.struct(Object.fromEntries(kinds.map((kind, i) => [`f${i}`, kind.c])));
      const fields = Object.fromEntries(
        kinds.map((kind, i) => [`f${i}`, kind.field(type.members?.[`f${i}`]?.offset ?? -1)]),
      );
      const codec = record('r', type.size, fields);
      const value = Object.fromEntries(values.map((v, i) => [`f${i}`, v]));
      const theirs = Buffer.alloc(type.size);
      koffi.encode(theirs, type, value);
      t.deepEqual(codec.encode(value), theirs);
    }),
    { numRuns: 200 },
  );
});

test('integers are in the byte order of this machine', (t) => {
  const codec = record('r', 16, { a: u32(0), b: i32(4), c: u64(8) });
  const theirs = Buffer.alloc(16);
  fc.assert(
    fc.property(any32, fc.integer(), fc.bigInt({ min: 0n, max: U64_MAX }), (a, b, c) => {
      if (LITTLE) {
        theirs.writeUInt32LE(a, 0);
        theirs.writeInt32LE(b, 4);
        theirs.writeBigUInt64LE(c, 8);
      } else {
        theirs.writeUInt32BE(a, 0);
        theirs.writeInt32BE(b, 4);
        theirs.writeBigUInt64BE(c, 8);
      }
      t.deepEqual(codec.encode({ a, b, c }), theirs);
    }),
  );
});
