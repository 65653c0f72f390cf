import test from 'ava';
import { flakey } from '../../../../../src/dm/targets/faults/flakey.ts';
import { anyFlakey } from '../../../../support/arbitraries/targets/flakey.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = { device: '8:32', offset: 0n, upSeconds: 16, downSeconds: 2 };
const reads = { nth: 32, direction: 'r', value: 1, flags: 0 } as const;
const writes = { nth: 224, direction: 'w', value: 0, flags: 32 } as const;

testRows(flakey, {
  params: [
    ['8:32 0 16 2 0', plain],
    ['8:32 0 16 2 1 drop_writes', { ...plain, dropWrites: true }],
    ['8:32 0 16 2 1 error_writes', { ...plain, errorWrites: true }],
    ['8:32 0 16 2 5 corrupt_bio_byte 32 r 1 0', { ...plain, corruptByte: reads }],
    ['8:32 0 16 2 5 corrupt_bio_byte 224 w 0 32', { ...plain, corruptByte: writes }],
    [
      '8:32 0 16 2 6 drop_writes corrupt_bio_byte 32 r 1 0',
      { ...plain, dropWrites: true, corruptByte: reads },
    ],
    [
      '8:32 0 16 2 4 random_read_corrupt 1 random_write_corrupt 1000000000',
      { ...plain, randomReadCorrupt: 1, randomWriteCorrupt: 1_000_000_000 },
    ],
    // The form in which a kernel reports a table without features.
    [
      '7:0 0 10 5 2 error_reads error_writes',
      {
        device: '7:0',
        offset: 0n,
        upSeconds: 10,
        downSeconds: 5,
        errorReads: true,
        errorWrites: true,
      },
    ],
    [
      '8:32 0 16 2 3 error_reads lie_writes 5',
      { ...plain, errorReads: true, extra: ['lie_writes', '5'] },
    ],
  ],
  read: [
    // Linux 6.1 prints a blank at the end.
    ['8:32 0 16 2 0 ', plain],
    ['8:32 0 16 2', plain],
    [
      '8:32 0 16 2 6 corrupt_bio_byte 32 r 1 0 drop_writes',
      { ...plain, corruptByte: reads, dropWrites: true },
    ],
    [
      '8:32 0 16 2 6 Drop_Writes CORRUPT_BIO_BYTE 32 R 1 0',
      { ...plain, dropWrites: true, corruptByte: reads },
    ],
  ],
  written: [
    [{ device: '/dev/sdc', upSeconds: 0, downSeconds: 1 }, '/dev/sdc 0 0 1 0'],
    [{ ...plain, errorWrites: false, dropWrites: true }, '8:32 0 16 2 1 drop_writes'],
  ],
  notWritten: [
    [{ ...plain, upSeconds: 0, downSeconds: 0 }, 'flakey.downSeconds'],
    [{ ...plain, upSeconds: 2 ** 32 - 1 }, 'flakey.downSeconds'],
    [{ ...plain, upSeconds: 1.5 }, 'flakey.upSeconds'],
    [{ ...plain, dropWrites: true, errorWrites: true }, 'flakey.errorWrites'],
    [{ ...plain, dropWrites: true, corruptByte: writes }, 'flakey.corruptByte.direction'],
    [{ ...plain, errorReads: true, corruptByte: reads }, 'flakey.corruptByte.direction'],
    [{ ...plain, errorReads: true, randomReadCorrupt: 1 }, 'flakey.randomReadCorrupt'],
    [{ ...plain, errorWrites: true, randomWriteCorrupt: 1 }, 'flakey.randomWriteCorrupt'],
    [{ ...plain, corruptByte: { ...reads, nth: 0 } }, 'flakey.corruptByte.nth'],
    [{ ...plain, corruptByte: { ...reads, value: 256 } }, 'flakey.corruptByte.value'],
    [{ ...plain, randomReadCorrupt: 1_000_000_001 }, 'flakey.randomReadCorrupt'],
    [{ ...plain, extra: ['two words'] }, 'flakey.extra[0]'],
  ],
  noParams: [
    ['8:32 0 16', 'flakey, down seconds'],
    ['8:32 0 16 2 1', 'flakey, feature count'],
    ['8:32 0 16 2 2 drop_writes', 'flakey, feature count'],
    ['8:32 0 16 2 4 corrupt_bio_byte 32 r 1', 'flakey, corrupt_bio_byte'],
    ['8:32 0 16 2 2 random_read_corrupt many', 'flakey, random_read_corrupt'],
  ],
  status: [['', undefined]],
});

testLaws(flakey, anyFlakey);

test('combinations of features that the kernel rejects are still parsed', (t) => {
  t.deepEqual(flakey.parseParams('8:32 0 16 2 2 error_writes drop_writes'), {
    ...plain,
    errorWrites: true,
    dropWrites: true,
  });
});
