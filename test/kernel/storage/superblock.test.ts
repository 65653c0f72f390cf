// A torn ext4 superblock: the error names the remedy, and the remedy keeps the content.

import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { mountMended, withLayerDevice } from '../../support/kernel/mended-mount.ts';
import { openStorage, SMALL, storageRoot } from '../../support/kernel/storage.ts';

/** The first sector of the superblock; its checksum is in the second. */
const SUPERBLOCK = { position: 1024, length: 512 } as const;
/** The time of the last write. Source: struct ext4_super_block, s_wtime. */
const WRITE_TIME = 0x30;

/** Write the first half of a superblock as a later write of ext4 would. */
function tear(path: string): void {
  const device = openSync(path, 'r+');
  const bytes = Buffer.alloc(SUPERBLOCK.length);
  readSync(device, bytes, 0, bytes.length, SUPERBLOCK.position);
  bytes.writeUInt32LE(bytes.readUInt32LE(WRITE_TIME) + 60, WRITE_TIME);
  writeSync(device, bytes, 0, bytes.length, SUPERBLOCK.position);
  fsyncSync(device);
  closeSync(device);
}

test.serial(
  'e2fsck, as the error says, keeps the content of a layer with a torn superblock',
  async (t) => {
    const storage = await openStorage(t, storageRoot(t), SMALL);
    await storage.create('a');
    writeFileSync(join(await storage.mount('a'), 'note'), 'kept');
    await storage.unmount('a');
    await withLayerDevice(storage, 'a', tear);
    await t.throwsAsync(storage.mount('a'), {
      code: 'ERR_STORAGE_FILESYSTEM',
      message:
        /EBADMSG.*invalid superblock checksum.*activate the device without mounting it and run "e2fsck -f" on it/,
    });
    t.is(readFileSync(join(await mountMended(storage, 'a'), 'note'), 'utf8'), 'kept');
    await storage.unmount('a');
  },
);

test.serial('nothing is left', assertNothingLeft);
