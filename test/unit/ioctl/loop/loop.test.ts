// The struct layouts, and calls on files other than loop devices, without privileges. test/kernel/ioctl/loop.test.ts has the
// rest.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  attachLoop,
  detachLoop,
  loopStatus,
  refreshLoopCapacity,
} from '../../../../src/ioctl/loop/loop.ts';
import { LOOP_REQUESTS, loopConfig, loopInfo64 } from '../../../../src/ioctl/loop/loop-records.ts';
import { pinned } from '../../../support/ioctl/pinned.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const INFO_MEMBERS = {
  device: 'lo_device',
  inode: 'lo_inode',
  rdevice: 'lo_rdevice',
  offset: 'lo_offset',
  sizeLimit: 'lo_sizelimit',
  number: 'lo_number',
  encryptType: 'lo_encrypt_type',
  encryptKeySize: 'lo_encrypt_key_size',
  flags: 'lo_flags',
  fileName: 'lo_file_name',
} as const satisfies Record<keyof typeof loopInfo64.offsets, string>;

// request.test.ts compares pinned.ts with the headers of this machine.
test('struct loop_info64 has the layout of C', (t) => {
  t.is(loopInfo64.size, pinned('sizeof(struct loop_info64)'));
  for (const [ours, theirs] of Object.entries(INFO_MEMBERS)) {
    const offset = loopInfo64.offsets[ours as keyof typeof INFO_MEMBERS];
    t.is(offset, pinned(`offsetof(struct loop_info64, ${theirs})`), theirs);
  }
  const name = 'n'.repeat(pinned('LO_NAME_SIZE') - 1);
  const rest = loopInfo64.decode(Buffer.alloc(loopInfo64.size));
  const bytes = loopInfo64.encode({ ...rest, fileName: name });
  t.is(bytes.toString('latin1', 56, 56 + name.length), name);
  t.throws(() => loopInfo64.encode({ ...rest, fileName: `${name}n` }), { instanceOf: RangeError });
});

test('the requests have the numbers of C', (t) => {
  for (const [name, number] of Object.entries(LOOP_REQUESTS))
    t.is(Number(number), pinned(name), name);
});

test('struct loop_config has the layout of C', (t) => {
  t.is(loopConfig.size, pinned('sizeof(struct loop_config)'));
  t.is(loopConfig.offsets.fd, pinned('offsetof(struct loop_config, fd)'));
  t.is(loopConfig.offsets.blockSize, pinned('offsetof(struct loop_config, block_size)'));
  t.is(pinned('offsetof(struct loop_config, info)'), 8);
});

const OPERATIONS = [
  ['LOOP_CLR_FD', detachLoop],
  ['LOOP_SET_CAPACITY', refreshLoopCapacity],
  ['LOOP_GET_STATUS64', loopStatus],
] as const;

for (const [operation, act] of OPERATIONS) {
  test(`${operation} on a regular file fails with ENOTTY`, async (t) => {
    const path = join(tempDir(t), 'file');
    writeFileSync(path, 'not a device');
    const error = await t.throwsAsync(act(path), {
      code: 'ENOTTY',
      message: `ENOTTY: inappropriate ioctl for device, ioctl ${operation} '${path}'`,
    });
    t.like(error, { errno: -25, syscall: 'ioctl', path });
  });

  test(`${operation} on a missing path fails with ENOENT`, async (t) => {
    await t.throwsAsync(act(join(tempDir(t), 'nothing')), { code: 'ENOENT' });
  });
}

test('a missing file is not attached', async (t) => {
  await t.throwsAsync(attachLoop(join(tempDir(t), 'nothing')), { code: 'ENOENT' });
});

test('a directory is not attached', async (t) => {
  await t.throwsAsync(attachLoop(tempDir(t)), { code: 'EISDIR' });
});
