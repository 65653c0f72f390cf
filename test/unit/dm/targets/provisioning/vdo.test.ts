import { type VdoParams, vdo } from '../../../../../src/dm/targets/provisioning/vdo.ts';
import type { VdoStatus } from '../../../../../src/dm/targets/provisioning/vdo-status.ts';
import { anyVdo } from '../../../../support/arbitraries/targets/vdo.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const params: VdoParams = {
  device: '7:0',
  physicalBlocks: 262_144n,
  minimumIoSize: 4096,
  blockMapCacheBlocks: 32_768,
  eraLength: 16_380,
};
const HEAD = 'V4 7:0 262144 4096 32768 16380';

const status: VdoStatus = {
  device: 'device-name',
  operatingMode: 'read-only',
  recovering: false,
  indexState: 'error',
  compression: 'online',
  usedBlocks: 0n,
  totalBlocks: 1234n,
  extra: [],
};
const MODES = ['recovering', 'read-only', 'normal'] as const;
const INDEX = ['error', 'closed', 'opening', 'closing', 'offline', 'online', 'unknown'] as const;
const row = (text: string, different: Partial<VdoStatus>): readonly [string, VdoStatus] => [
  text,
  { ...status, ...different },
];

testRows(vdo, {
  params: [
    [HEAD, params],
    // The kernel's documentation.
    [
      'V4 /dev/dm-1 786432 512 65550 5000 hash 1 logical 3 physical 2',
      {
        device: '/dev/dm-1',
        physicalBlocks: 786_432n,
        minimumIoSize: 512,
        blockMapCacheBlocks: 65_550,
        eraLength: 5000,
        hash: 1,
        logical: 3,
        physical: 2,
      },
    ],
    [
      `${HEAD} ack 0 bio 1 bioRotationInterval 1024 cpu 100 hash 0 maxDiscard 8 deduplication off compression on indexMemory 0.25 indexSparse on slabSize 8192 new 1`,
      {
        ...params,
        ack: 0,
        bio: 1,
        bioRotationInterval: 1024,
        cpu: 100,
        hash: 0,
        maxDiscard: 8,
        deduplication: false,
        compression: true,
        indexMemory: '0.25',
        indexSparse: true,
        slabSize: 8192n,
        extra: ['new', '1'],
      },
    ],
  ],
  // In the order of the table that was loaded: the kernel reports it unchanged.
  read: [[`${HEAD} compression on maxDiscard 8`, { ...params, compression: true, maxDiscard: 8 }]],
  written: [[{ device: '/dev/sda', physicalBlocks: 8 }, 'V4 /dev/sda 8 4096 32768 16380']],
  noParams: [
    ['', 'vdo, device (word 1): expected a word'],
    ['V5 7:0 4096 32768 16380', 'vdo, version (word 1): expected V1 to V4, got "V5"'],
    ['7:0 4096 off 0 32768 16380 on sync x', 'vdo, threads (word 10): expected a word'],
    ['7:0 4096 off 0 32768 16380 on sync x ack', 'vdo, ack (word 2): expected a word'],
    ['V4 7:0 x 4096 32768 16380', 'vdo, physical blocks (word 3): expected'],
    ['V4 7:0 8 4096 32768', 'vdo, era length (word 6): expected a word'],
    [`${HEAD} ack`, 'vdo, ack (word 8): expected a word'],
    [`${HEAD} ack x`, 'vdo, ack (word 8): expected an integer, got "x"'],
  ],
  notWritten: [
    [{ ...params, device: 'x' }, 'vdo.device: expected a path'],
    [
      { ...params, minimumIoSize: 1024 as never },
      'vdo.minimumIoSize: expected 512 or 4096, got "1024"',
    ],
    [{ ...params, eraLength: 0 }, 'vdo.eraLength: expected an integer from 1 to 16380, got 0'],
    [
      { ...params, blockMapCacheBlocks: 100 },
      'vdo.blockMapCacheBlocks: expected at least 4096, got 100',
    ],
    [
      { ...params, blockMapCacheBlocks: 8192, hash: 1, logical: 3, physical: 1 },
      'vdo.blockMapCacheBlocks: expected at least 12288, got 8192',
    ],
    [
      { ...params, hash: 1 },
      'vdo.logical: expected hash, logical and physical all zero or all positive, got 0',
    ],
    [
      { ...params, hash: 1, logical: 1 },
      'vdo.physical: expected hash, logical and physical all zero',
    ],
    [{ ...params, bio: 0 }, 'vdo.bio: expected an integer from 1 to 100, got 0'],
    [{ ...params, physical: 17 }, 'vdo.physical: expected an integer from 0 to 16, got 17'],
    [
      { ...params, deduplication: 'on' as never },
      'vdo.deduplication: expected a boolean, got "on"',
    ],
    [{ ...params, extra: ['odd'] }, 'vdo.extra: expected an even number of words, got 1'],
  ],
  // The test data of libdevmapper.
  status: [
    row('foo1234 read-only - error online 0 1234', { device: 'foo1234' }),
    row('f read-only - error online 0 1234', { device: 'f' }),
    ...MODES.map((operatingMode) =>
      row(`device-name ${operatingMode} - error online 0 1234`, { operatingMode }),
    ),
    row('device-name read-only recovering error online 0 1234', { recovering: true }),
    ...INDEX.map((indexState) =>
      row(`device-name recovering - ${indexState} online 0 1234`, {
        operatingMode: 'recovering',
        indexState,
      }),
    ).slice(1),
    ...[0n, 1n, 12n, 3456n].map((usedBlocks) =>
      row(`device-name read-only - error offline ${usedBlocks} 1234`, {
        compression: 'offline',
        usedBlocks,
      }),
    ),
    ...[1n, 0n].map((totalBlocks) =>
      row(`device-name recovering - error online 0 ${totalBlocks}`, {
        operatingMode: 'recovering',
        totalBlocks,
      }),
    ),
  ],
  noStatus: [
    ['', 'vdo status, device (word 1): expected a word'],
    [
      'device-name read-only - error online fish 1234',
      'vdo status, used blocks (word 6): expected an unsigned 64-bit decimal number, got "fish"',
    ],
    [
      'device-name read-only - error online 0 fish',
      'vdo status, total blocks (word 7): expected an unsigned 64-bit decimal number, got "fish"',
    ],
  ],
  messages: [
    [() => vdo.messages.stats(), 'stats'],
    [() => vdo.messages.config(), 'config'],
    [() => vdo.messages.dump(), 'dump'],
    [() => vdo.messages.dump('queues', 'vdo'), 'dump queues vdo'],
    [() => vdo.messages.dumpOnShutdown(), 'dump-on-shutdown'],
    [() => vdo.messages.compression(true), 'compression on'],
    [() => vdo.messages.compression(false), 'compression off'],
    [() => vdo.messages.index('close'), 'index-close'],
  ],
  notSent: [
    [
      () => vdo.messages.index('open' as never),
      'change: expected close or create or disable or enable, got "open"',
    ],
    [() => vdo.messages.dump('a b'), 'what: expected one word'],
  ],
});

testLaws(vdo, anyVdo, ['foo1234 read-only - error online 0 1234']);
