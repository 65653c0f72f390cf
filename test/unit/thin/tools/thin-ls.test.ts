import test from 'ava';
import { LS_FIELDS, parseThinLs } from '../../../../src/thin/tools/thin-ls.ts';

const ROW = {
  id: 7,
  mappedBlocks: 10n,
  exclusiveBlocks: 6n,
  sharedBlocks: 4n,
  transactionId: 2n,
  creationTime: 0,
  snapTime: 1,
};

// 0.9 pads columns and ends each line with a blank; 1.x pads columns too, by its source (src/grid_layout.rs).
for (const line of ['7 10 6 4 2 0 1 ', '  7 10  6 4 2 0 1']) {
  test(`a device: ${JSON.stringify(line)}`, (t) => {
    t.deepEqual(parseThinLs(line), ROW);
  });
}

for (const line of [
  '',
  '7 10 6 4 2 0',
  '7 10 6 4 2 0 1 9',
  '7 640KiB 6 4 2 0 1',
  LS_FIELDS.join(' '),
]) {
  test(`not a device: ${JSON.stringify(line)}`, (t) => {
    t.throws(() => parseThinLs(line), {
      code: 'ERR_DMTS_TOOL_OUTPUT',
      message: `thin_ls printed unexpected output: expected numbers as DEV MAPPED_BLOCKS EXCLUSIVE_BLOCKS SHARED_BLOCKS TRANSACTION CREATE_TIME SNAP_TIME, got ${JSON.stringify(line)}`,
    });
  });
}
