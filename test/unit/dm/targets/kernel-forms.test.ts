// Texts of kernels older and newer than the library, one row per form. They are parsed, unknown words are kept, and an
// invalid text throws a ReplyError with its source.

import test from 'ava';
import { targetKinds } from '../../../../src/dm/targets/registry.ts';
import { InputError, ReplyError } from '../../../../src/dm/wire/errors.ts';

type Row = readonly [form: string, text: string, record: object];

const HEX = '00'.repeat(64);
const CACHE = '8 10/16384 128 0/1024 0 0 0 0 0 0 0 1 writethrough 2 migration_threshold 2048 smq 0';
const POOL = '0 4110/65536 0/16384 -';
const VDO = { device: '7:0', minimumIoSize: 4096, blockMapCacheBlocks: 32_768, eraLength: 16_380 };

const STATUS: Readonly<Record<string, readonly Row[]>> = {
  cache: [
    ['before mode and check', CACHE, { mode: undefined, needsCheck: false }],
    ['before check', `${CACHE} rw`, { mode: 'rw', needsCheck: false, extra: [] }],
    ['another mode', `${CACHE} wo - `, { mode: 'wo', needsCheck: false, extra: [] }],
    ['another check', `${CACHE} rw soon more`, { needsCheck: false, extra: ['soon', 'more'] }],
    ['another feature', CACHE.replace('writethrough', 'w'), { features: { extra: ['w'] } }],
  ],
  clone: [['another mode', '8 7/16384 8 0/16384 0 0 0 wr', { mode: 'wr' }]],
  delay: [
    ['before flushes', '1 2', { reads: 1, writes: 2, flushes: undefined }],
    ['more counts', '1 2 3 4', { flushes: 3, extra: ['4'] }],
  ],
  dust: [
    ['another mode', '7:0 some quiet', { failing: false, quiet: true, extra: ['some'] }],
    ['another log', '7:0 bypass loud', { failing: false, quiet: false, extra: ['loud'] }],
  ],
  era: [['more words', '8 11/16384 1 - more', { era: 1, extra: ['more'] }]],
  integrity: [
    ['before the recalculation', '0 129160', { recalcSector: undefined }],
    ['more words', '0 129160 - x', { extra: ['x'] }],
  ],
  'log-writes': [['another word', '1 1 logging_slow', { logging: true, extra: ['logging_slow'] }]],
  mirror: [
    [
      'before health and log',
      '1 7:0 128/128',
      { legs: [{ device: '7:0', health: undefined }], log: undefined },
    ],
    ['before the log', '1 7:0 128/128 1 A', { legs: [{ device: '7:0', health: 'A' }] }],
    ['another letter', '1 7:0 128/128 1 x 1 core', { legs: [{ device: '7:0', health: 'x' }] }],
    [
      'another letter of the log',
      '1 7:0 1/1 1 A 3 disk 7:3 X',
      { log: { type: 'disk', device: '7:3', health: 'X' } },
    ],
    ['another log', '1 7:0 1/1 1 A 2 new y', { log: { type: 'other', name: 'new', words: ['y'] } }],
  ],
  multipath: [
    ['before the features', '0 0 0 1', { queueIo: false, pgInitCount: 0n, currentGroup: 1 }],
    [
      'another state of a group',
      '2 0 0 0 1 1 X 0 0 0',
      { groups: [{ state: 'X', info: [], paths: [] }] },
    ],
    [
      'another state of a path',
      '2 0 0 0 1 1 A 0 1 0 7:0 X 0 ',
      {
        groups: [
          {
            state: 'active',
            info: [],
            paths: [{ device: '7:0', usable: false, letter: 'X', failures: 0n, info: [] }],
          },
        ],
      },
    ],
  ],
  pcache: [['more words', '1 64 60 3 70 c3 0:4096 1:8192 2:0 x', { extra: ['x'] }]],
  raid: [
    // The example of Documentation/admin-guide/device-mapper/dm-raid.rst.
    [
      'the documentation',
      'raid4 5 AAAAA 2/490221568 init 0',
      { level: 'raid4', health: 'AAAAA', action: 'init', mismatches: 0n },
    ],
    ['version 1.0', 'raid4 5 AAAAA 2/490221568', { action: undefined, mismatches: undefined }],
    ['version 1.9', 'raid1 2 AA 1/1 idle 0 0', { dataOffset: 0n, journal: undefined }],
    ['another level', 'raid7 2 AA 1/1 idle 0 0 -', { level: 'raid7' }],
    ['another letter', 'raid1 2 AX 1/1 idle 0 0 -', { health: 'AX' }],
    ['another action', 'raid1 2 AA 1/1 sleep 0 0 -', { action: 'sleep' }],
    ['another journal', 'raid5_ls 2 AA 1/1 idle 0 0 x y', { journal: 'x', extra: ['y'] }],
  ],
  snapshot: [['before the metadata', '16/131072', { metadata: undefined }]],
  striped: [
    ['before the health', '1 7:0', { stripes: [{ device: '7:0', healthy: undefined }] }],
    ['another letter', '1 7:0 1 x', { stripes: [{ device: '7:0', healthy: false }] }],
  ],
  thin: [['more words', '8 7 x', { extra: ['x'] }]],
  'thin-pool': [
    ['the first versions', POOL, { mode: 'rw', noSpace: 'queue_if_no_space', needsCheck: false }],
    [
      'before no space',
      `${POOL} ro discard_passdown`,
      { mode: 'ro', noSpace: 'queue_if_no_space' },
    ],
    [
      'before the low-water mark',
      `${POOL} rw discard_passdown queue_if_no_space needs_check `,
      { needsCheck: true, metadataLowWaterMark: undefined },
    ],
    [
      'another mode',
      `${POOL} wo discard_passdown queue_if_no_space - 16 `,
      { mode: 'wo', metadataLowWaterMark: 16n },
    ],
    ['other discards', `${POOL} rw discard_some queue_if_no_space - `, { discard: 'discard_some' }],
    ['another word for no space', `${POOL} rw discard_passdown queue - `, { noSpace: 'queue' }],
    [
      'another check',
      `${POOL} rw discard_passdown queue_if_no_space check 16 more `,
      { needsCheck: false, metadataLowWaterMark: 16n, extra: ['check', 'more'] },
    ],
  ],
  vdo: [
    ['another mode', 'd investigating - error online 0 1', { operatingMode: 'investigating' }],
    ['another recovery', 'd normal fish error online 0 1', { recovering: false, extra: ['fish'] }],
    ['another index state', 'd normal - fish online 0 1', { indexState: 'fish' }],
    ['another compression', 'd normal - error fish 0 1', { compression: 'fish' }],
    ['more words', 'd normal - error online 0 1 fish', { totalBlocks: 1n, extra: ['fish'] }],
  ],
  verity: [
    ['before Linux 7', 'V', { valid: true, corrected: undefined }],
    ['another state', 'P -', { valid: false, extra: ['P'] }],
  ],
  writecache: [
    ['before version 1.6', '0 8 8 0', { counters: undefined }],
    ['more words', '0 8 8 0 0 0 0 0 0 0 0 0 0 0 x', { extra: ['x'] }],
  ],
  zoned: [
    [
      'before version 2',
      '4 zones 1/1 random 2/3 sequential',
      {
        cache: undefined,
        disks: [{ random: { unmapped: 1n, total: 1n }, sequential: { unmapped: 2n, total: 3n } }],
      },
    ],
  ],
};

const CRYPT = `aes-xts-plain64 ${HEX} 0 7:0 0`;

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  cache: [
    ['another write mode', '7:0 7:1 7:2 128 1 writesome smq 0', { extra: ['writesome'] }],
    ['before the policy arguments', '7:0 7:1 7:2 128 0 mq', { policy: 'mq' }],
  ],
  clone: [['without groups', '7:0 7:1 7:2 8', { regionSize: 8n }]],
  crypt: [
    ['without options', CRYPT, { device: '7:0' }],
    ['another size', `${CRYPT} 1 sector_size:8192`, { sectorSize: 8192 }],
    ['another mode', `${CRYPT} 1 integrity:500:both`, { integrity: { bytes: 500, mode: 'both' } }],
    ['another option', `${CRYPT} 1 new`, { extra: ['new'] }],
  ],
  delay: [['three words', '7:0 0 5', { read: { device: '7:0', offset: 0n, delayMs: 5 } }]],
  ebs: [['three words', '7:0 0 2', { emulatedSize: 2n }]],
  flakey: [
    ['without a count', '7:0 0 1 1', { upSeconds: 1 }],
    [
      'another direction',
      '7:0 0 1 1 5 corrupt_bio_byte 0 both 300 0',
      { corruptByte: { nth: 0, direction: 'both', value: 300, flags: 0 } },
    ],
  ],
  inlinecrypt: [
    ['another key type as a number', `aes-xts-plain64 ${HEX} 3 8 7:0 16`, { keyType: '3' }],
    ['another key type', `aes-xts-plain64 ${HEX} 8 7:0 16 1 keytype:x`, { keyType: 'x' }],
  ],
  integrity: [
    ['another mode', '7:2 0 4 Z 0', { mode: 'Z' }],
    ['another bound', '7:2 0 4 J 1 journal_watermark:101', { journalWatermark: 101 }],
    ['no count', '7:2 0 4 J', { mode: 'J' }],
  ],
  mirror: [
    ['without features', 'core 1 8 1 7:0 0', { log: { type: 'core', regionSize: 8n } }],
    ['another log', 'new 1 x 1 7:0 0', { log: { type: 'other', name: 'new', args: ['x'] } }],
  ],
  multipath: [
    ['another queue mode', '2 queue_mode x 0 0 0', { queueMode: 'x' }],
    ['another bound', '2 pg_init_retries 51 0 0 0', { pgInitRetries: 51 }],
  ],
  pcache: [
    ['another cache mode', '7:0 7:1 2 cache_mode writearound', { cacheMode: 'writearound' }],
    ['another checksum', '7:0 7:1 2 crc crc64', { extra: ['crc', 'crc64'] }],
  ],
  raid: [
    ['another level', 'raid7 1 8 1 - 7:0', { level: 'raid7', chunkSize: 8n }],
    ['another format', 'raid10 3 8 raid10_format new 1 - 7:0', { raid10Format: 'new' }],
    ['another journal mode', 'raid5_ls 3 8 journal_mode new 1 - 7:0', { journalMode: 'new' }],
    ['another bound', 'raid1 3 0 rebuild 300 1 - 7:0', { rebuild: [300] }],
  ],
  snapshot: [
    ['a lower-case letter', '7:0 7:1 p 8', { store: 'P' }],
    ['another store', '7:0 7:1 Q 8', { store: 'Q' }],
  ],
  'snapshot-merge': [['another store', '7:0 7:1 Q 8', { store: 'Q' }]],
  'thin-pool': [
    ['without features', '7:0 7:1 128 0', { features: [] }],
    ['another feature', '7:0 7:1 128 0 1 new ', { features: [], extra: ['new'] }],
  ],
  // The kernel accepts all versions and reports the words unchanged.
  vdo: [
    [
      'version 0',
      '7:0 4096 off 0 32768 16380 on sync name ack=1,bio=2,new=3',
      {
        ...VDO,
        ack: 1,
        bio: 2,
        extra: ['new', '3'],
        tableVersion: 0,
        skipped: ['off', '0', 'on', 'sync', 'name'],
      },
    ],
    [
      'version 1',
      'V1 7:0 8 4096 off 0 32768 16380 on sync name .',
      { ...VDO, physicalBlocks: 8n, tableVersion: 1, skipped: ['off', '0', 'on', 'sync', 'name'] },
    ],
    [
      'version 2',
      'V2 7:0 8 4096 32768 16380 on sync name cpu 2',
      { ...VDO, physicalBlocks: 8n, cpu: 2, tableVersion: 2, skipped: ['on', 'sync', 'name'] },
    ],
    [
      'version 3',
      'V3 7:0 8 4096 32768 16380 sync',
      { ...VDO, physicalBlocks: 8n, tableVersion: 3, skipped: ['sync'] },
    ],
    [
      'other values',
      'V4 7:0 8 1024 32768 16380 ack 101 compression lz4',
      { minimumIoSize: 1024, ack: 101, extra: ['compression', 'lz4'] },
    ],
  ],
  verity: [
    [
      'another version, more parity',
      '2 7:0 7:1 4096 4096 16 0 sha256 00 - 9 use_fec_from_device 7:2 fec_blocks 16 fec_start 0 fec_roots 32 ignore_most',
      {
        version: 2,
        fec: { device: '7:2', blocks: 16n, start: 0n, roots: 32 },
        extra: ['ignore_most'],
      },
    ],
  ],
  writecache: [
    ['another type', 'x 7:0 7:1 4096 0', { cacheType: 'x' }],
    ['another option', 's 7:0 7:1 4096 1 new', { extra: ['new'] }],
  ],
};

for (const [rows, what] of [
  [STATUS, 'parseStatus'],
  [TABLES, 'parseParams'],
] as const) {
  for (const [type, forms] of Object.entries(rows)) {
    for (const [form, text, record] of forms) {
      test(`${what} of ${type}: ${form}`, (t) => {
        t.like(targetKinds.get(type)![what](text), record);
      });
    }
  }
}

// Values that no kernel prints: none of these targets has a word of arbitrary text.
for (const [type, what, text, problem] of [
  ['thin-pool', 'parseStatus', '0 x', 'thin-pool status, metadata blocks (word 2): expected'],
  ['thin', 'parseStatus', 'Failed', 'thin status, mapped sectors (word 1): expected'],
  ['thin', 'parseParams', '253:0 16777216', 'thin.id: expected an integer from 0 to 16777215'],
  ['vdo', 'parseParams', 'V5 7:0 8', 'vdo, version (word 1): expected V1 to V4, got "V5"'],
  ['raid', 'parseStatus', 'raid1 3 AA 1/1', 'raid status, health (word 3): expected 3 letters'],
] as const) {
  test(`${what} of ${type} cannot read ${JSON.stringify(text)}`, (t) => {
    const error = t.throws(() => targetKinds.get(type)![what](text), { instanceOf: ReplyError });
    t.false(error instanceof InputError);
    t.is(error?.target, type);
    t.is(error?.text, text);
    t.true(error?.message.startsWith(problem), error?.message);
    t.true(error?.message.endsWith(`, in ${JSON.stringify(text)}`), error?.message);
  });
}

for (const type of ['crypt', 'inlinecrypt', 'integrity']) {
  test(`an error of ${type} does not contain the text, which may contain a key`, (t) => {
    const { parseParams } = targetKinds.get(type)!;
    const error = t.throws(() => parseParams(`a ${HEX} x`), { instanceOf: ReplyError });
    t.is(error?.text, undefined);
    t.false(error?.message.includes(HEX));
  });
}
