import test from 'ava';
import { writecache } from '../../../../../src/dm/targets/cache/writecache.ts';
import { anyWritecache } from '../../../../support/arbitraries/targets/writecache.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = { cacheType: 's', device: '7:0', cacheDevice: '7:1', blockSize: 4096 } as const;
const zeros = {
  reads: 0n,
  readHits: 0n,
  writes: 0n,
  writeHitsUncommitted: 0n,
  writeHitsCommitted: 0n,
  writesAround: 0n,
  writesAllocate: 0n,
  writesBlocked: 0n,
  flushes: 0n,
  discards: 0n,
};
const idle = { error: 0, blocks: 16320n, freeBlocks: 16320n, writebackBlocks: 0n, extra: [] };

testRows(writecache, {
  params: [
    ['s 7:0 7:1 4096 0', plain],
    [
      's 7:0 7:1 4096 5 high_watermark 60 low_watermark 40 metadata_only',
      { ...plain, highWatermark: 60, lowWatermark: 40, metadataOnly: true },
    ],
    [
      's 7:0 7:1 512 17 start_sector 8 high_watermark 50 low_watermark 45 writeback_jobs 4 autocommit_blocks 5 autocommit_time 6 max_age 7 cleaner pause_writeback 9',
      {
        ...plain,
        blockSize: 512,
        startSector: 8n,
        highWatermark: 50,
        lowWatermark: 45,
        writebackJobs: 4,
        autocommitBlocks: 5,
        autocommitTimeMs: 6,
        maxAgeMs: 7,
        cleaner: true,
        pauseWritebackMs: 9,
      },
    ],
    [
      'p 7:0 259:0 4096 1 nofua',
      { ...plain, cacheType: 'p', cacheDevice: '259:0', flushing: 'nofua' },
    ],
    ['p 7:0 259:0 4096 1 fua', { ...plain, cacheType: 'p', cacheDevice: '259:0', flushing: 'fua' }],
    ['s 7:0 7:1 4096 3 cleaner prefetch 8', { ...plain, cleaner: true, extra: ['prefetch', '8'] }],
  ],
  read: [
    ['S 7:0 7:1 4096', plain],
    ['s 7:0 7:1 4096 2 LOW_watermark 1', { ...plain, lowWatermark: 1 }],
  ],
  written: [
    [{ cacheType: 's', device: '/dev/a', cacheDevice: '/dev/b' }, 's /dev/a /dev/b 4096 0'],
  ],
  notWritten: [
    [{ ...plain, cacheType: 'x' as 's' }, 'writecache.cacheType'],
    [{ ...plain, blockSize: 5000 }, 'writecache.blockSize'],
    [{ ...plain, highWatermark: 101 }, 'writecache.highWatermark'],
    [{ ...plain, highWatermark: 40 }, 'writecache.lowWatermark'],
    [{ ...plain, lowWatermark: 60 }, 'writecache.lowWatermark'],
    [{ ...plain, autocommitTimeMs: 3_600_001 }, 'writecache.autocommitTimeMs'],
    [{ ...plain, maxAgeMs: 86_400_001 }, 'writecache.maxAgeMs'],
    [{ ...plain, pauseWritebackMs: 60_001 }, 'writecache.pauseWritebackMs'],
    [{ ...plain, flushing: 'fua' }, 'writecache.flushing'],
    [{ ...plain, cacheType: 'p', pauseWritebackMs: 1 }, 'writecache.pauseWritebackMs'],
    [{ ...plain, startSector: -1 }, 'writecache.startSector'],
  ],
  noParams: [
    ['s 7:0 7:1 4096 1 high_watermark', 'writecache, high_watermark'],
    ['s 7:0 7:1 4096 2 high_watermark half', 'writecache, high_watermark'],
    ['s 7:0 7:1 4096 2 cleaner', 'writecache, option count'],
  ],
  status: [
    ['0 16320 16320 0 0 0 0 0 0 0 0 0 0 0', { ...idle, counters: zeros }],
    ['0 16320 16320 0', { ...idle, counters: undefined }],
    [
      '0 18446744073709551615 9007199254740993 1',
      {
        error: 0,
        blocks: 2n ** 64n - 1n,
        freeBlocks: 9_007_199_254_740_993n,
        writebackBlocks: 1n,
        counters: undefined,
        extra: [],
      },
    ],
    [
      '-5 10 7 2 1 2 3 4 5 6 7 8 9 10 11',
      {
        error: -5,
        blocks: 10n,
        freeBlocks: 7n,
        writebackBlocks: 2n,
        counters: {
          reads: 1n,
          readHits: 2n,
          writes: 3n,
          writeHitsUncommitted: 4n,
          writeHitsCommitted: 5n,
          writesAround: 6n,
          writesAllocate: 7n,
          writesBlocked: 8n,
          flushes: 9n,
          discards: 10n,
        },
        extra: ['11'],
      },
    ],
  ],
  noStatus: [
    ['x 1 1 0', 'writecache status, error'],
    [
      '0 18446744073709551616 1 1',
      'writecache status, blocks (word 2): expected an unsigned 64-bit',
    ],
    ['0 1 x 1', 'writecache status, free blocks (word 3): expected an unsigned 64-bit'],
    ['0 1 1 x', 'writecache status, blocks under writeback (word 4): expected an unsigned 64-bit'],
    ['0 1 1', 'writecache status, blocks under writeback'],
    ['0 1 1 0 1 2 3', 'writecache status, uncommitted write hits'],
  ],
});

testLaws(writecache, anyWritecache, ['0 16320 16320 0 0 0 0 0 0 0 0 0 0 0', '0 16320 16320 0']);

test('messages', (t) => {
  const { flush, flushOnSuspend, cleaner, clearStats } = writecache.messages;
  t.is(flush(), 'flush');
  t.is(flushOnSuspend(), 'flush_on_suspend');
  t.is(cleaner(), 'cleaner');
  t.is(clearStats(), 'clear_stats');
});
