// On a system that dmts does not support, a storage writes nothing.

import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DevicemapperStorage } from '../../../../src/storage/index.ts';

test('a storage that cannot be opened creates no directory', async (t) => {
  // This process has made no system call yet.
  Object.defineProperty(process, 'arch', { value: 'mips' });
  const root = join(tmpdir(), `dmts-test-unsupported-${process.pid}`);
  await t.throwsAsync(DevicemapperStorage.open({ root }), {
    code: 'ERR_DMTS_UNAVAILABLE',
    message: /dmts supports Linux on x64 and arm64 only, got linux on mips/,
  });
  t.false(existsSync(root));
});
