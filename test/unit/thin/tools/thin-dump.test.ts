import test from 'ava';
import fc from 'fast-check';
import { type DumpItem, parseThinDump } from '../../../../src/thin/tools/thin-dump.ts';
import { all, DUMP_0_9, DUMP_1_X, piecesOf } from '../../../support/thin/tool-output/documents.ts';

const times = { creationTime: 1, snapTime: 1 };
const mapping = (device: number, origin: bigint, data: bigint, length: bigint, time: number) =>
  ({ kind: 'mapping', device, origin, data, length, time }) as const;

const ITEMS: readonly DumpItem[] = [
  { kind: 'superblock', transactionId: 5n, time: 3, blockSize: 128n, dataBlocks: 1000n },
  { kind: 'device', id: 1, mapped: 10n, transactionId: 2n, creationTime: 0, snapTime: 1 },
  mapping(1, 0n, 0n, 8n, 0),
  mapping(1, 20n, 30n, 1n, 1),
  mapping(1, 40n, 41n, 1n, 1),
  { kind: 'device', id: 7, mapped: 11n, transactionId: 4n, ...times },
  mapping(7, 0n, 0n, 8n, 0),
  mapping(7, 20n, 30n, 1n, 1),
  mapping(7, 60n, 100n, 2n, 2),
  { kind: 'device', id: 9, mapped: 0n, transactionId: 4n, ...times },
];

for (const [version, document] of [
  ['0.9', DUMP_0_9],
  ['1.x', DUMP_1_X],
] as const) {
  for (const size of [1, 3, 1000]) {
    test(`the dump of ${version}, ${size} lines at a time`, async (t) => {
      t.deepEqual(await all(parseThinDump(piecesOf(document, size))), ITEMS);
    });
  }
}

test('each item is yielded before the next line is read', async (t) => {
  let read = 0;
  async function* lines() {
    for (const line of DUMP_0_9.split('\n')) {
      read++;
      yield [line];
    }
  }
  const seen: number[] = [];
  for await (const { kind } of parseThinDump(lines())) if (kind === 'device') seen.push(read);
  t.deepEqual(seen, [2, 7, 12]);
});

const line = (number: number): string => DUMP_0_9.split('\n')[number] ?? '';
const PREFIX = 'thin_dump printed unexpected output: expected';
const BROKEN: readonly (readonly [title: string, document: string, message: string])[] = [
  ['empty output', '', '<superblock>, got "the end"'],
  [
    'a truncated dump',
    DUMP_0_9.slice(0, DUMP_0_9.indexOf('  <device dev_id="9"')),
    '<def> or <device> or </superblock>, got "the end"',
  ],
  [
    'a truncated line',
    `${line(0)}\n${line(1).slice(0, 20)}`,
    '<def> or <device> or </superblock>, got "  <device dev_id=\\"1\\""',
  ],
  ['another document', '<html>', '<superblock>, got "<html>"'],
  ['text', 'metadata contains errors', '<superblock>, got "metadata contains errors"'],
  [
    'a mapping outside of a device',
    `${line(0)}\n${line(2)}`,
    `<def> or <device> or </superblock>, got ${JSON.stringify(line(2))}`,
  ],
  [
    'a mismatched end tag',
    `${line(0)}\n${line(1)}\n</superblock>`,
    '<single_mapping> or <range_mapping> or <ref> or </device>, got "</superblock>"',
  ],
  [
    'two documents',
    `${line(0)}\n</superblock>\n${line(0)}`,
    `nothing more, got ${JSON.stringify(line(0))}`,
  ],
  [
    'a missing attribute',
    line(0).replace(' transaction="5"', ''),
    'transaction in <superblock>, got "uuid time flags version data_block_size nr_data_blocks"',
  ],
  [
    'an invalid number',
    line(0).replace('"128"', '"0x80"'),
    'a number as data_block_size in <superblock>, got "0x80"',
  ],
  [
    'a reference to a missing definition',
    `${line(0)}\n${line(1)}\n<ref name="3"/>`,
    'a <ref> to a <def>, got "3"',
  ],
];

for (const [title, document, message] of BROKEN) {
  test(`not a dump: ${title}`, async (t) => {
    await t.throwsAsync(all(parseThinDump(piecesOf(document, 1))), {
      code: 'ERR_DMTS_TOOL_OUTPUT',
      message: `${PREFIX} ${message}`,
    });
  });
}

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const run = fc.record({ origin: u64, data: u64, length: fc.bigInt(1n, 1000n), time: fc.nat() });
const device = fc.record({
  id: fc.nat(2 ** 24 - 1),
  mapped: u64,
  runs: fc.array(run, { maxLength: 5 }),
  shares: fc.boolean(),
});
const pool = fc.record({ devices: fc.array(device, { maxLength: 5 }), shared: fc.array(run) });

const details = { transaction: 2, creation_time: 0, snap_time: 1 };
const attributes = (values: object): string =>
  Object.entries(values)
    .map(([key, value]) => ` ${key}="${value}"`)
    .join('');
const runLine = ({
  origin,
  data,
  length,
  time,
}: Omit<ReturnType<typeof mapping>, 'kind' | 'device'>) =>
  length === 1n
    ? `<single_mapping${attributes({ origin_block: origin, data_block: data, time })}/>`
    : `<range_mapping${attributes({ origin_begin: origin, data_begin: data, length, time })}/>`;

test('shared mappings give the same items as repeated ones', async (t) => {
  await fc.assert(
    fc.asyncProperty(pool, async ({ devices, shared }) => {
      const print = (definitions: readonly string[], share: readonly string[]): string =>
        [
          line(0),
          ...definitions,
          ...devices.flatMap(({ id, mapped, runs, shares }) => [
            `<device${attributes({ ...details, dev_id: id, mapped_blocks: mapped })}>`,
            ...(shares ? share : []),
            ...runs.map(runLine),
            '</device>',
          ]),
          '</superblock>',
        ].join('\n');
      const printed = shared.map(runLine);
      const once = print(['<def name="5">', ...printed, '</def>'], ['<ref name="5"/>']);
      const eachTime = print([], printed);
      t.deepEqual(
        await all(parseThinDump(piecesOf(once, 10))),
        await all(parseThinDump(piecesOf(eachTime, 10))),
      );
    }),
  );
});
