// The input that Go's archive/tar, and so Docker and containerd, reads: every case of its tests about reading. Source:
// reader_test.go and strconv_test.go in archive/tar of Go 1.19.

import test from 'ava';
import { readNumber } from '../../../../src/storage/diff/tar/numbers.ts';
import { parsePax, parseTime } from '../../../../src/storage/diff/tar/pax.ts';
import { readEntries } from '../../../../src/storage/diff/tar/read.ts';
import { DiffError } from '../../../../src/storage/diff/tree/errors.ts';
import { sourceOf } from '../../../support/storage/diff/byte-source.ts';
import {
  directory,
  END,
  entry,
  header,
  pax,
  symlink,
} from '../../../support/storage/diff/raw-tar.ts';

/** GNU tar's form of a number. */
function binary(value: bigint, length: number): string {
  const bytes = Buffer.from(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  );
  bytes[0]! |= 0x80;
  return bytes.toString('latin1');
}

const NUMBERS: readonly (readonly [field: string, value: bigint | undefined])[] = [
  ['\x80', 0n],
  ['\x80\x00', 0n],
  ['\xbf', 63n],
  ['\xbf\xff\xff', 2n ** 22n - 1n],
  ['\xff', -1n],
  ['\xff\xff\xff', -1n],
  ['\xc0\x00\x00', -(2n ** 22n)],
  ['\x87\x76\xa2\x22\xeb\x8a\x72\x61', 537_795_476_381_659_745n],
  ['\xff\xff\xff\xff\xf7\x76\xa2\x22\xeb\x8a\x72\x61', -615_126_028_225_187_231n],
  ['\x80\x7f\xff\xff\xff\xff\xff\xff\xff', 2n ** 63n - 1n],
  ['\xff\x80\x00\x00\x00\x00\x00\x00\x00', -(2n ** 63n)],
  ['0000000\x00', 0n],
  [' \x0000000\x00', 0n],
  [' \x0000003\x00', 3n],
  ['00000000227\x00', 0o227n],
  ['032033\x00 ', 0o32033n],
  ['0000660\x00 ', 0o660n],
  ['\x00 0000660\x00 ', 0o660n],
  ['01234567\x0089abcdef', 342_391n],
  ['0123 4\x00', 0o123n],
  ['0123456789abcdef', undefined],
  ['0123\x7e\x5f\x264123', undefined],
  ['-0000001\x00', undefined],
  ['\x00\x00\x00', 0n],
];

for (const [field, value] of NUMBERS) {
  test(`the number ${JSON.stringify(field)}`, (t) => {
    t.is(readNumber(Buffer.from(field, 'latin1')), value);
  });
}

const TIMES: readonly (readonly [text: string, time: bigint | undefined])[] = [
  ['1350244992.023960108', 1_350_244_992_023_960_108n],
  ['1350244992.0239601089', 1_350_244_992_023_960_108n],
  ['-1.000000001', -1_000_000_001n],
  ['-1.999999999', -1_999_999_999n],
  ['0.000000001', 1n],
  ['-1350244992.3', -1_350_244_992_300_000_000n],
  ['1.', 1_000_000_000n],
  ['-0.1', -100_000_000n],
  ['-0.99', -990_000_000n],
  ['+5', 5_000_000_000n],
  ['0000000000000000000000000000001', 1_000_000_000n],
  ['9223372036854775807', (2n ** 63n - 1n) * 1_000_000_000n],
  ['', undefined],
  ['.5', undefined],
  ['-', undefined],
  ['+', undefined],
  ['-1.-1', undefined],
  ['99999999999999999999999999999999999999999999999', undefined],
  ['0.123456789abcdef', undefined],
  ['foo', undefined],
  ['\x00', undefined],
];

for (const [text, time] of TIMES) {
  test(`the time ${JSON.stringify(text)}`, (t) => {
    if (time === undefined) t.throws(() => parseTime(text), { instanceOf: DiffError });
    else t.is(parseTime(text), time);
  });
}

const RECORDS: readonly (readonly [
  text: string,
  expected: readonly [string, string] | undefined,
])[] = [
  ['19 path=/etc/hosts\n', ['path', '/etc/hosts']],
  ['9 foo=ba\n', ['foo', 'ba']],
  ['18 foo=b=\nar=\n==\x00\n', ['foo', 'b=\nar=\n==\x00']],
  ['27 foo=hello9 foo=ba\nworld\n', ['foo', 'hello9 foo=ba\nworld']],
  ['0009 k=vv\n'.replace('0009', '0010'), ['k', 'vv']],
  ['+9 foo=b\n', ['foo', 'b']],
  ['1 k=1\n', undefined],
  ['6 k~1\n', undefined],
  ['6_k=1\n', undefined],
  ['6 k=1 ', undefined],
  ['632 k=1\n', undefined],
  ['16 longkeyname=hahaha\n', undefined],
  ['3 somelongkey=\n', undefined],
  ['50 tooshort=\n', undefined],
  ['06 k=v\n', undefined],
  ['0 k=v\n', undefined],
  ['+0000005 x=\n', undefined],
  ['-6 k=v\n', undefined],
  ['5 =v\n', undefined],
];

for (const [text, expected] of RECORDS) {
  test(`the record ${JSON.stringify(text)}`, (t) => {
    const parse = () => [...parsePax(Buffer.from(text, 'latin1'))];
    if (expected === undefined) t.throws(parse, { instanceOf: DiffError });
    else t.deepEqual(parse(), [[...expected]]);
  });
}

test('a number of a million zeros is parsed at once', (t) => {
  const zeros = '0'.repeat(1_000_000);
  t.throws(() => parseTime(`${zeros}x`), { instanceOf: DiffError });
  t.is(parseTime(`${zeros}1`), 1_000_000_000n);
  t.throws(() => parsePax(Buffer.from(`${zeros}`)), { instanceOf: DiffError });
  t.throws(() => parsePax(Buffer.from(`${zeros}x k=v\n`)), { instanceOf: DiffError });
});

/** The sum of a header's bytes as signed numbers, as Sun's tar wrote it. */
function signed(block: Buffer): Buffer {
  const bytes = Buffer.from(block);
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((all, byte) => all + (byte < 0x80 ? byte : byte - 256), 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

/** A star header: the mark at its end, and times in place of the rest of ustar's prefix. */
function star(name: string, prefix: string): Buffer {
  const fields = { name, prefix: `${prefix.padEnd(131, '\0')}00000000001\x0000000000002\0` };
  const block = header(fields);
  block.write('tar\0', 508, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((a, b) => a + b, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

type Expected = RegExp | readonly string[];

const v7 = { magic: '' } as const;
const gnu = { magic: 'ustar  \0' } as const;
const longName = (name: string) => entry({ name: '././@LongLink', type: 'L', ...gnu }, name);
const longLink = (name: string) => entry({ name: '././@LongLink', type: 'K', ...gnu }, name);

const TARS: readonly (readonly [title: string, tar: readonly Buffer[], expected: Expected])[] = [
  ['v7', [entry({ name: 'small.txt', ...v7 }, 'Kilts')], ['file small.txt 5']],
  ['v7 with a signed checksum', [signed(header({ name: 'caf\xe9', ...v7 }))], ['file caf\xe9']],
  [
    'a directory of v7',
    [header({ name: 'dir/', type: '\0', size: '00000000005', ...v7 })],
    ['directory dir/'],
  ],
  [
    'v7 with other bytes in place of the device numbers of ustar',
    [header({ name: 'a', major: 'garbage', minor: '99999999', ...v7 })],
    ['file a'],
  ],
  ['a type of NUL', [entry({ name: 'a', type: '\0' }, 'x')], ['file a 1']],
  [
    'ustar with another version',
    [header({ name: 'a', prefix: 'p', magic: 'ustar\x00  ' })],
    ['file p/a'],
  ],
  ['star', [star('a', 'prefix')], ['file prefix/a']],
  [
    'a prefix that Go before 1.8 wrote into a GNU header',
    [header({ name: 'foo', prefix: 'a'.repeat(98), ...gnu })],
    [`file ${'a'.repeat(98)}/foo`],
  ],
  [
    'a GNU header with times',
    [header({ name: 'foo', prefix: '00000000001\x0000000000002\0', ...gnu })],
    ['file foo'],
  ],
  [
    'several GNU long names',
    [
      longName('GNU1/x\0'),
      longLink('GNU2/x\0'),
      longName('GNU3/name\0'),
      longLink('GNU4/link\0'),
      symlink('a', 'b'),
    ],
    ['symlink GNU3/name -> GNU4/link'],
  ],
  [
    'a GNU long name with NUL in it',
    [longName('0123456789\x00fire'), entry({ name: 'a' })],
    ['file 0123456789'],
  ],
  ['an empty GNU long name', [longName('\0'), entry({ name: 'a' })], ['file a']],
  [
    'GNU names that are not UTF-8',
    [longName('hi\x80\x81\x82\x83bye'), entry({ name: 'a' })],
    ['file hi\x80\x81\x82\x83bye'],
  ],
  [
    'several PAX headers; the last one applies',
    [pax({ path: 'PAX1/x' }), pax({ linkpath: 'PAX4/link' }), symlink('bar', 'b')],
    ['symlink bar -> PAX4/link'],
  ],
  ['a PAX path with NUL', [pax({ path: 'a\0b' }), entry({ name: 'a' })], /NUL/],
  [
    'PAX records for all entries are ignored',
    [entry({ name: 'g', type: 'g' }, '15 path=global\n'), entry({ name: 'a' })],
    ['file a'],
  ],
  ['PAX headers and no entry', [pax({ path: 'a' })], /cut short/],
  [
    'an empty PAX value keeps the value of the header',
    [pax({ path: '', size: '' }), entry({ name: 'a' }, 'x')],
    ['file a 1'],
  ],
  [
    'a positive PAX size',
    [pax({ size: '+3' }), entry({ name: 'a', size: '00000000000' }, 'abc')],
    ['file a 3'],
  ],
  ['a negative PAX size', [pax({ size: '-3' }), entry({ name: 'a' }, 'abc')], /expected size/],
  [
    'a PAX size that is not a number',
    [pax({ size: '1x' }), entry({ name: 'a' })],
    /expected a number/,
  ],
  [
    'a PAX time that is not a time',
    [pax({ mtime: 'then' }), entry({ name: 'a' })],
    /expected a time/,
  ],
  [
    'a PAX header that is too large',
    [header({ name: 'x', type: 'x', size: '00004000001' })],
    /expected an extended header of at most 1048576 bytes, got 1048577/,
  ],
  [
    'a negative size',
    [header({ name: 'a', size: '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff' })],
    /expected size/,
  ],
  ...[2n ** 64n + 5n, 2n ** 63n, -(2n ** 63n) - 1n].map(
    (mtime) =>
      [
        `a time of ${mtime}`,
        [entry({ name: 'a', mtime: binary(mtime, 12) })],
        /expected mtime within 64 bits/,
      ] as const,
  ),
  [
    'a PAX time just below 64 bits',
    [pax({ mtime: `${-(2n ** 63n)}.5` }), entry({ name: 'a' })],
    /expected mtime within 64 bits/,
  ],
  [
    'the least and the greatest times',
    [
      entry({ name: 'a', mtime: binary(-(2n ** 63n), 12) }),
      pax({ mtime: `${2n ** 63n - 1n}.999999999` }),
      entry({ name: 'b' }),
    ],
    ['file a', 'file b'],
  ],
  ...(['uid', 'gid', 'size', 'major', 'minor'] as const).flatMap((field) =>
    [2n ** 62n - 1n, -(2n ** 62n)].map(
      (value) =>
        [
          `${field} ${value}`,
          [header({ name: 'a', type: '3', [field]: binary(value, field === 'size' ? 12 : 8) })],
          field === 'size' && value > 0n ? ['character-device a'] : /expected (size|uid|gid|m)/,
        ] as const,
    ),
  ),
  [
    'owner fields of blanks',
    [header({ name: 'a', uid: '       \0', gid: '\0\0\0\0\0\0\0\0' })],
    ['file a'],
  ],
  [
    'an owner of -2',
    [header({ name: 'a', uid: '\xff\xff\xff\xff\xff\xff\xff\xfe' })],
    ['file a uid=4294967294'],
  ],
  [
    'links and devices with a size but no content',
    [
      header({ name: 'l', type: '2', linkName: 'x', size: '00000000005' }),
      header({ name: 'f', type: '6', size: '00000000005' }),
      directory('d', { size: '00000000005' }),
      entry({ name: 'a' }),
    ],
    ['symlink l -> x', 'fifo f', 'directory d', 'file a'],
  ],
  [
    'a directory of GNU tar --listed-incremental',
    [entry({ name: 'd/', type: 'D', ...gnu }, 'Yfoo\0\0'), entry({ name: 'a' })],
    ['directory d/', 'file a'],
  ],
  [
    'the volume name of GNU tar',
    [entry({ name: 'label', type: 'V', ...gnu }), entry({ name: 'a' })],
    ['file a'],
  ],
  ['one empty block at the end', [entry({ name: 'a' }), Buffer.alloc(512)], ['file a']],
  ['no empty block at the end', [entry({ name: 'a' }, 'x')], ['file a 1']],
  [
    'a file at the end without its padding',
    [entry({ name: 'a' }, 'abc').subarray(0, 515)],
    ['file a 3'],
  ],
  [
    'a file at the end with part of its padding',
    [entry({ name: 'a' }, 'abc').subarray(0, 800)],
    ['file a 3'],
  ],
  ['a file at the end without a byte', [entry({ name: 'a' }, 'abc').subarray(0, 514)], /cut short/],
  [
    'an empty block among others',
    [entry({ name: 'a' }), Buffer.alloc(512), entry({ name: 'b' })],
    /expected a second zero block/,
  ],
  ['a part of a header', [entry({ name: 'a' }), Buffer.alloc(100, 'x')], /cut short/],
];

for (const [title, tar, expected] of TARS) {
  test(`a tar of ${title}`, (t) => {
    const list = (): string[] => {
      const lines: string[] = [];
      for (const { entry: one } of readEntries(sourceOf(tar))) {
        const { type, path, linkPath, size, uid } = one;
        const link = linkPath ? ` -> ${linkPath}` : '';
        lines.push(`${type} ${path}${link}${size ? ` ${size}` : ''}${uid ? ` uid=${uid}` : ''}`);
      }
      return lines;
    };
    if (expected instanceof RegExp) t.throws(list, { message: expected });
    else t.deepEqual(list(), expected);
  });
}

test('bytes after the end are not part of the tar', (t) => {
  const source = sourceOf([entry({ name: 'a' }), END, entry({ name: 'b' })]);
  const names: string[] = [];
  for (const { entry: one } of readEntries(source)) names.push(one.path);
  t.deepEqual(names, ['a']);
});
