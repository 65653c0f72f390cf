// Devices of a pool that the options name, and that are missing or empty: an error names each, before any change.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { DevicemapperStorage } from '../../../../src/storage/index.ts';
import { modelStorage } from '../../../support/cli/model-storage.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const ROWS: readonly (readonly [data: string, metadata: string, named: string])[] = [
  ['missing', 'good', 'missing'],
  ['good', 'missing', 'missing'],
  ['empty', 'good', 'empty'],
  ['good', 'empty', 'empty'],
];

for (const [data, metadata, named] of ROWS) {
  test(`data device: ${data}, metadata device: ${metadata}`, async (t) => {
    const { root, dm } = await modelStorage(t);
    const devices = tempDir(t);
    writeFileSync(join(devices, 'good'), Buffer.alloc(1024 ** 2));
    writeFileSync(join(devices, 'empty'), '');
    const before = readdirSync(root);
    const storageOptions = [
      `dm.datadev=${join(devices, data)}`,
      `dm.metadatadev=${join(devices, metadata)}`,
    ];
    await t.throwsAsync(DevicemapperStorage.open({ root, dm, storageOptions }), {
      code: 'ERR_STORAGE_POOL',
      message: new RegExp(`^${join(devices, named)}: cannot open this device of the pool`),
    });
    t.deepEqual(readdirSync(root), before);
  });
}
