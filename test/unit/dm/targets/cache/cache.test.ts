import { type CacheParams, cache } from '../../../../../src/dm/targets/cache/cache.ts';
import type { WorkingCache } from '../../../../../src/dm/targets/cache/cache-status.ts';
import { anyCache } from '../../../../support/arbitraries/targets/cache.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const params: CacheParams = {
  metadataDevice: '7:0',
  cacheDevice: '7:1',
  originDevice: '7:2',
  blockSize: 128n,
  policy: 'smq',
};
const fresh: WorkingCache = {
  state: 'working',
  metadataBlockSize: 8,
  metadata: { used: 10n, total: 16_384n },
  blockSize: 128n,
  cache: { used: 0n, total: 1024n },
  readHits: 0n,
  readMisses: 0n,
  writeHits: 0n,
  writeMisses: 0n,
  demotions: 0n,
  promotions: 0n,
  dirty: 0n,
  features: { writeMode: 'writethrough' },
  coreArgs: [['migration_threshold', '2048']],
  policy: 'smq',
  policyArgs: [],
  mode: 'rw',
  needsCheck: false,
  extra: [],
};
const SMQ =
  '8 10/16384 128 0/1024 0 0 0 0 0 0 0 1 writethrough 2 migration_threshold 2048 smq 0 rw - ';

testRows(cache, {
  params: [
    ['7:0 7:1 7:2 128 0 smq 0', params],
    [
      '7:0 7:1 7:2 64 3 metadata2 writeback no_discard_passdown mq 2 migration_threshold 8',
      {
        ...params,
        blockSize: 64n,
        metadata2: true,
        writeMode: 'writeback',
        noDiscardPassdown: true,
        policy: 'mq',
        policyArgs: [['migration_threshold', '8']],
      },
    ],
    [
      '7:0 7:1 7:2 128 1 passthrough cleaner 0',
      { ...params, writeMode: 'passthrough', policy: 'cleaner' },
    ],
    [
      '7:0 7:1 7:2 128 2 writethrough new default 0',
      { ...params, writeMode: 'writethrough', policy: 'default', extra: ['new'] },
    ],
  ],
  read: [
    [
      '7:0 7:1 7:2 128 2 WriteThrough METADATA2 smq 0',
      { ...params, metadata2: true, writeMode: 'writethrough' },
    ],
  ],
  written: [
    [
      { metadataDevice: '/dev/m', cacheDevice: '/dev/c', originDevice: '/dev/o' },
      '/dev/m /dev/c /dev/o 64 0 smq 0',
    ],
  ],
  noParams: [
    ['', 'cache, metadata device (word 1): expected a word'],
    ['7:0 7:1 7:2 x 0 smq 0', 'cache, block size (word 4): expected'],
    ['7:0 7:1 7:2 128 2 writeback', 'cache, feature count (word 5): expected'],
    ['7:0 7:1 7:2 128 0', 'cache, policy (word 6): expected a word'],
    ['7:0 7:1 7:2 128 0 smq 1 a', 'cache, policy value (word 9): expected a word'],
  ],
  notWritten: [
    [{ ...params, metadataDevice: 'x' }, 'cache.metadataDevice: expected a path'],
    [{ ...params, cacheDevice: 'x' }, 'cache.cacheDevice: expected a path'],
    [{ ...params, originDevice: 'x' }, 'cache.originDevice: expected a path'],
    [{ ...params, blockSize: 32 }, 'cache.blockSize: expected from 64 to 2097152, got 32'],
    [{ ...params, blockSize: 100 }, 'cache.blockSize: expected a multiple of 64 sectors, got 100'],
    [{ ...params, blockSize: 2_097_216 }, 'cache.blockSize: expected from 64'],
    [
      { ...params, writeMode: 'writearound' as never },
      'cache.writeMode: expected writeback or writethrough or passthrough, got "writearound"',
    ],
    [{ ...params, policy: '' }, 'cache.policy: expected one word'],
    [{ ...params, policyArgs: [['a', 'b c']] }, 'cache.policyArgs[0]: expected one word'],
    [
      { ...params, policyArgs: [['a'] as never] },
      'cache.policyArgs[0]: expected a name and a value',
    ],
  ],
  status: [
    // Captured: Linux 7.3.
    [SMQ, fresh],
    [
      '8 14/16384 128 0/1024 0 0 0 0 0 0 0 3 metadata2 writeback no_discard_passdown 2 migration_threshold 2048 mq 10 random_threshold 0 sequential_threshold 0 discard_promote_adjustment 0 read_promote_adjustment 0 write_promote_adjustment 0 rw - ',
      {
        ...fresh,
        metadata: { used: 14n, total: 16_384n },
        features: { metadata2: true, writeMode: 'writeback', noDiscardPassdown: true },
        policy: 'mq',
        policyArgs: [
          ['random_threshold', '0'],
          ['sequential_threshold', '0'],
          ['discard_promote_adjustment', '0'],
          ['read_promote_adjustment', '0'],
          ['write_promote_adjustment', '0'],
        ],
      },
    ],
    [
      SMQ.replace('rw - ', 'ro needs_check new'),
      { ...fresh, mode: 'ro', needsCheck: true, extra: ['new'] },
    ],
    [
      SMQ.replace('1 writethrough', '2 writethrough new'),
      { ...fresh, features: { writeMode: 'writethrough', extra: ['new'] } },
    ],
    [
      SMQ.replace('writethrough', 'passthrough'),
      { ...fresh, features: { writeMode: 'passthrough' } },
    ],
    [SMQ.replace('rw -', 'ro -'), { ...fresh, mode: 'ro' }],
    [SMQ.replace(' rw - ', ' ro'), { ...fresh, mode: 'ro' }],
    [SMQ.replace('rw -', 'rw needs_check'), { ...fresh, needsCheck: true }],
    [`${SMQ}Error`, { ...fresh, extra: ['Error'] }],
    [
      SMQ.replace('0 0 0 0', '18446744073709551615 9007199254740993 0 0'),
      { ...fresh, readHits: 2n ** 64n - 1n, readMisses: 9_007_199_254_740_993n },
    ],
    // Kernels that do not print the mode, and those that do not print the policy either.
    [SMQ.replace(' rw - ', ''), { ...fresh, mode: undefined }],
    [
      SMQ.replace(' smq 0 rw - ', ' 2 a 1'),
      { ...fresh, policy: '', policyArgs: [['a', '1']], mode: undefined },
    ],
    [
      SMQ.replace(/0 0 0 0 0 0 0 1/, '1 2 3 4 5 6 7 1'),
      {
        ...fresh,
        readHits: 1n,
        readMisses: 2n,
        writeHits: 3n,
        writeMisses: 4n,
        demotions: 5n,
        promotions: 6n,
        dirty: 7n,
      },
    ],
    ['Fail', { state: 'fail' }],
    ['Error', { state: 'error' }],
  ],
  noStatus: [
    ['Error 0', 'cache status, metadata block size (word 1): expected'],
    [
      SMQ.replace(/ 1 writethrough.*/, ''),
      'cache status, feature count (word 12): expected a word',
    ],
    [
      SMQ.replace('0 0 0 0', '18446744073709551616 0 0 0'),
      'cache status, read hits (word 5): expected an unsigned 64-bit',
    ],
    ['', 'cache status, metadata block size (word 1): expected a word'],
    ['Failed', 'cache status, metadata block size (word 1): expected'],
    ['8 x', 'cache status, metadata blocks (word 2): expected USED/TOTAL, got "x"'],
    [
      SMQ.replace('0/1024', '1024'),
      'cache status, cache blocks (word 4): expected USED/TOTAL, got "1024"',
    ],
    [
      SMQ.replace('2 migration_threshold', '1 migration_threshold'),
      'cache status, policy value (word 16): expected a word',
    ],
  ],
  messages: [
    [() => cache.messages.migrationThreshold(4096n), 'migration_threshold 4096'],
    [() => cache.messages.set('random_threshold', '4'), 'random_threshold 4'],
    [() => cache.messages.invalidateCblocks(1, [4n, 8], 9n), 'invalidate_cblocks 1 4-8 9'],
  ],
  notSent: [
    [() => cache.messages.migrationThreshold(-1), 'sectors: expected'],
    [() => cache.messages.set('a b', '1'), 'name: expected one word'],
    [() => cache.messages.invalidateCblocks(), 'blocks: expected at least one, got 0'],
    [() => cache.messages.invalidateCblocks([1, -1]), 'blocks[0]: expected'],
  ],
});

testLaws(cache, anyCache, [SMQ, 'Fail']);
