import test from 'ava';
import type { DeltaItem } from '../../../../src/thin/metadata/delta.ts';
import { parseThinDelta } from '../../../../src/thin/tools/thin-delta.ts';
import {
  all,
  DELTA_0_9,
  DELTA_1_X,
  piecesOf,
} from '../../../support/thin/tool-output/documents.ts';

const ITEMS: readonly DeltaItem[] = [
  { kind: 'superblock', transactionId: 5n, blockSize: 128n, dataBlocks: 1000n },
  { kind: 'same', begin: 0n, length: 4n },
  { kind: 'left_only', begin: 4n, length: 2n },
  { kind: 'different', begin: 6n, length: 2n },
  { kind: 'right_only', begin: 20n, length: 1n },
];

for (const [version, document] of [
  ['0.9', DELTA_0_9],
  ['1.x', DELTA_1_X],
] as const) {
  test(`the comparison of ${version}`, async (t) => {
    t.deepEqual(await all(parseThinDelta(piecesOf(document, 2))), ITEMS);
  });
}

test('two devices without blocks', async (t) => {
  const empty = DELTA_0_9.replaceAll(/ {4}.*\n/g, '');
  t.deepEqual(await all(parseThinDelta(piecesOf(empty, 2))), ITEMS.slice(0, 1));
});

for (const [title, document, message] of [
  ['empty output', '', '<superblock>, got "the end"'],
  [
    'a truncated document',
    DELTA_0_9.slice(0, DELTA_0_9.indexOf('  </diff>')),
    '<same> or <left_only> or <right_only> or <different> or </diff>, got "the end"',
  ],
  [
    'an invalid length',
    DELTA_0_9.replace('length="4"', 'length="-4"'),
    'a number as length in <same>, got "-4"',
  ],
] as const) {
  test(`not a comparison: ${title}`, async (t) => {
    await t.throwsAsync(all(parseThinDelta(piecesOf(document, 1))), {
      code: 'ERR_DMTS_TOOL_OUTPUT',
      message: `thin_delta printed unexpected output: expected ${message}`,
    });
  });
}
