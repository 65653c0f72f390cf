// Sparse files in every form, and invalid maps.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { applyDiff } from '../../../../../src/storage/diff/apply-diff.ts';
import { directory, END, entry, header, pax } from '../../../../support/storage/diff/raw-tar.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

type Pair = readonly [offset: number | bigint, length: number | bigint];

interface Map_ {
  readonly size: number | bigint;
  readonly stretches: readonly Pair[];
  readonly data: string;
}

/** Octal digits and NUL, or GNU tar's binary form. */
function number(value: number | bigint): string {
  if (value < 8n ** 11n) return `${value.toString(8).padStart(11, '0')}\0`;
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(value), 4);
  bytes[0] = 0x80;
  return bytes.toString('latin1');
}

const block = (pairs: readonly Pair[]): string => pairs.flat().map(number).join('');

/** The old GNU form: four data extents in the header, 21 in each block after it. */
function old({ size, stretches, data }: Map_): Buffer[] {
  const rest = stretches.slice(4);
  const blocks: Buffer[] = [];
  for (let i = 0; i < rest.length; i += 21) {
    const bytes = Buffer.alloc(512);
    bytes.write(block(rest.slice(i, i + 21)), 'latin1');
    bytes[504] = i + 21 < rest.length ? 1 : 0;
    blocks.push(bytes);
  }
  const map = block(stretches.slice(0, 4)).padEnd(96, '\0');
  const tail = `${map}${rest.length > 0 ? '\x01' : '\0'}${number(size)}`;
  const fields = { name: 'f', type: 'S', magic: 'ustar  \0', size: number(data.length) };
  const head = header({ ...fields, prefix: `${'\0'.repeat(41)}${tail}` });
  return [head, ...blocks, ...content(data)];
}

const content = (data: string): Buffer[] =>
  data === '' ? [] : [Buffer.from(data.padEnd(Math.ceil(data.length / 512) * 512, '\0'), 'latin1')];

const rawPax = (records: readonly (readonly [string, string])[]): Buffer => {
  // Keys are repeated in 0.0.
  const text = records.map(([key, value]) => {
    const rest = ` ${key}=${value}\n`.length;
    const length = rest + String(rest + String(rest).length).length;
    return `${length} ${key}=${value}\n`;
  });
  return entry({ name: 'x', type: 'x' }, text.join(''));
};

const form00 = ({ size, stretches, data }: Map_): Buffer[] => [
  rawPax([
    ['GNU.sparse.size', String(size)],
    ['GNU.sparse.numblocks', String(stretches.length)],
    ...stretches.flatMap(([offset, length]) => [
      ['GNU.sparse.offset', String(offset)] as const,
      ['GNU.sparse.numbytes', String(length)] as const,
    ]),
  ]),
  entry({ name: 'f' }, data),
];

const form01 = ({ size, stretches, data }: Map_): Buffer[] => [
  pax({
    'GNU.sparse.name': 'f',
    'GNU.sparse.size': String(size),
    'GNU.sparse.numblocks': String(stretches.length),
    'GNU.sparse.map': stretches.flat().join(','),
  }),
  entry({ name: 'GNUSparseFile.1/f' }, data),
];

const form10 = ({ size, stretches, data }: Map_): Buffer[] => {
  const map = [stretches.length, ...stretches.flat()].map((value) => `${value}\n`).join('');
  return [
    pax({
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': 'f',
      'GNU.sparse.realsize': String(size),
    }),
    entry(
      { name: 'GNUSparseFile.1/f' },
      `${map.padEnd(Math.ceil(map.length / 512) * 512, '\0')}${data}`,
    ),
  ];
};

const FORMS = { 'old GNU': old, '0.0': form00, '0.1': form01, '1.0': form10 } as const;

/** The file that a map describes. */
function expand({ size, stretches, data }: Map_): Buffer {
  const bytes = Buffer.alloc(Number(size));
  let at = 0;
  for (const [offset, length] of stretches) {
    bytes.write(data.slice(at, at + Number(length)), Number(offset), 'latin1');
    at += Number(length);
  }
  return bytes;
}

const many = Array.from({ length: 60 }, (_, i): Pair => [i * 3, 1]);

const MAPS: readonly (readonly [title: string, map: Map_])[] = [
  ['no hole', { size: 3, stretches: [[0, 3]], data: 'abc' }],
  ['a hole at the beginning', { size: 10_000, stretches: [[9_997, 3]], data: 'abc' }],
  [
    'a hole at the end',
    {
      size: 10_000,
      stretches: [
        [0, 3],
        [10_000, 0],
      ],
      data: 'abc',
    },
  ],
  [
    'holes in the middle',
    {
      size: 20_000,
      stretches: [
        [0, 3],
        [8_192, 2],
        [20_000, 0],
      ],
      data: 'abcde',
    },
  ],
  ['one hole and nothing else', { size: 10_000, stretches: [[10_000, 0]], data: '' }],
  ['no stretches', { size: 10_000, stretches: [], data: '' }],
  ['nothing at all', { size: 0, stretches: [], data: '' }],
  ['many stretches', { size: 1_000, stretches: many, data: 'x'.repeat(60) }],
  ['data over several blocks', { size: 5_000, stretches: [[10, 1_500]], data: 'abc'.repeat(500) }],
];

for (const [form, make] of Object.entries(FORMS)) {
  for (const [title, map] of MAPS) {
    test(`sparse form ${form}: ${title}`, async (t) => {
      const layer = tempDir(t);
      const tar = Readable.from([...make(map), entry({ name: 'next' }, 'n'), END]);
      const { bytes } = await applyDiff(layer, tar);
      t.deepEqual(readFileSync(join(layer, 'f')), expand(map));
      t.is(readFileSync(join(layer, 'next'), 'utf8'), 'n');
      t.is(bytes, BigInt(map.size) + 1n);
    });
  }
}

const EIB8 = 2n ** 63n - 1n;
const BAD: readonly (readonly [title: string, map: Map_, message: RegExp])[] = [
  [
    'overlapping',
    {
      size: 100,
      stretches: [
        [0, 10],
        [5, 10],
      ],
      data: 'x'.repeat(20),
    },
    /expected an offset from 10, got 5/,
  ],
  [
    'unsorted',
    {
      size: 100,
      stretches: [
        [50, 1],
        [0, 1],
      ],
      data: 'xx',
    },
    /expected an offset from 51, got 0/,
  ],
  [
    'beyond the size',
    { size: 100, stretches: [[99, 2]], data: 'xx' },
    /ends at 101, beyond the file's 100 bytes/,
  ],
  [
    'more data than the tar has',
    { size: 100, stretches: [[0, 50]], data: 'xx' },
    /50 bytes of data, but the tar has 2/,
  ],
  [
    'less data than the tar has',
    { size: 100, stretches: [[0, 1]], data: 'xx' },
    /1 bytes of data, but the tar has 2/,
  ],
  ['a hole of 8 EiB', { size: EIB8, stretches: [[0, 1]], data: 'x' }, /expected a size from 0 to/],
];

for (const [form, make] of Object.entries(FORMS)) {
  for (const [title, map, message] of BAD) {
    test(`an invalid map of sparse form ${form}: ${title}`, async (t) => {
      const error = await t.throwsAsync(applyDiff(tempDir(t), Readable.from([...make(map), END])), {
        message,
      });
      t.regex(String(error), /DiffError/);
    });
  }
}

const version1 = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '100' };

const HOSTILE: readonly (readonly [title: string, tar: readonly Buffer[], message: RegExp])[] = [
  [
    'an invalid offset',
    [
      pax({ 'GNU.sparse.map': 'a,1', 'GNU.sparse.numblocks': '1', 'GNU.sparse.size': '9' }),
      entry({ name: 'f' }, 'x'),
    ],
    /expected an offset and a length/,
  ],
  [
    'a negative offset',
    [
      pax({ 'GNU.sparse.map': '-1,1', 'GNU.sparse.numblocks': '1', 'GNU.sparse.size': '9' }),
      entry({ name: 'f' }, 'x'),
    ],
    /expected an offset and a length/,
  ],
  [
    'a count that does not match the map',
    [
      pax({ 'GNU.sparse.map': '0,1', 'GNU.sparse.numblocks': '2', 'GNU.sparse.size': '9' }),
      entry({ name: 'f' }, 'x'),
    ],
    /expected 2 pairs/,
  ],
  [
    'no count',
    [pax({ 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '9' }), entry({ name: 'f' }, 'x')],
    /expected a decimal GNU\.sparse\.numblocks/,
  ],
  [
    'lengths before offsets',
    [pax({ 'GNU.sparse.numbytes': '1' }), entry({ name: 'f' }, 'x')],
    /expected GNU.sparse.offset/,
  ],
  [
    'a comma in an offset',
    [pax({ 'GNU.sparse.offset': '1,2' }), entry({ name: 'f' }, 'x')],
    /expected GNU.sparse.offset/,
  ],
  [
    'a million million extents',
    [pax(version1), entry({ name: 'f' }, '1000000000000\n'.padEnd(512, '0'))],
    /at most 1048576/,
  ],
  [
    'a map without an end',
    [pax(version1), entry({ name: 'f' }, '9'.repeat(5_000))],
    /expected a number and a newline/,
  ],
  [
    'a map longer than the content',
    [pax(version1), entry({ name: 'f' }, '5\n0\n1\n'.padEnd(512, '0'))],
    /longer than the content|number and a newline/,
  ],
  [
    'a map that is cut off with the tar',
    [
      pax(version1),
      header({ name: 'f', size: '00000010000' }),
      Buffer.from('5\n'.padEnd(512, '0')),
    ],
    /cut short|newline/,
  ],
  [
    'a map of a directory',
    [pax({ 'GNU.sparse.map': '0,0', 'GNU.sparse.numblocks': '1' }), directory('d')],
    /a directory cannot have a sparse map/,
  ],
  ['the form of star', [header({ name: 'f', type: 'S' })], /expected a header of GNU tar/],
  [
    'blocks without an end',
    [...Array(60)].map((_, i) =>
      i === 0
        ? header({
            name: 'f',
            type: 'S',
            magic: 'ustar  \0',
            prefix: `${'\0'.repeat(137)}\x0100000000000\0`,
          })
        : Buffer.alloc(512, '\0').fill(1, 504, 505),
    ),
    /cut short/,
  ],
];

for (const [title, tar, message] of HOSTILE) {
  test(`a hostile sparse map: ${title}`, async (t) => {
    const end = title === 'blocks without an end' || title.includes('cut off') ? [] : [END];
    await t.throwsAsync(applyDiff(tempDir(t), Readable.from([...tar, ...end])), { message });
  });
}

test('a map with many extents is processed in time proportional to their number', async (t) => {
  const layer = tempDir(t);
  const count = 300_000;
  const stretches = Array.from({ length: count }, (_, i): Pair => [i * 2, 1]);
  await applyDiff(
    layer,
    Readable.from([...form10({ size: count * 2, stretches, data: '\0'.repeat(count) }), END]),
  );
  t.is(statSync(join(layer, 'f')).size, count * 2);
});

test('more extents than the limit', async (t) => {
  const stretches = `${1024 ** 2 + 1}\n`.padEnd(512, '0');
  await t.throwsAsync(
    applyDiff(tempDir(t), Readable.from([pax(version1), entry({ name: 'f' }, stretches), END])),
    { message: '"f": invalid sparse map: expected at most 1048576 stretches of data' },
  );
});

test('a hole of terabytes is not written', async (t) => {
  const layer = tempDir(t);
  const size = 2 ** 43;
  await applyDiff(
    layer,
    Readable.from([...form10({ size, stretches: [[size - 1, 1]], data: 'x' }), END]),
  );
  const stats = statSync(join(layer, 'f'));
  t.is(stats.size, size);
  t.true(stats.blocks < 100);
});
