// Without privileges: files without the command. test/kernel/dm/commands.test.ts tests multipath devices.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { probePaths } from '../../../../src/dm/device/probe-paths.ts';
import { tempDir } from '../../../support/temp-dir.ts';

test('a regular file fails with ENOTTY', async (t) => {
  const path = join(tempDir(t), 'file');
  writeFileSync(path, '');
  const error = await t.throwsAsync(probePaths(path), { name: 'DmError', code: 'ENOTTY' });
  t.like(error, { command: 'DM_MPATH_PROBE_PATHS', device: path, errno: -25 });
});

// The driver of /dev/urandom returns EINVAL for unknown commands, like loop.
test('EINVAL is reported as ENOTTY', async (t) => {
  await t.throwsAsync(probePaths('/dev/urandom'), { name: 'DmError', code: 'ENOTTY' });
});

test('a missing path fails with ENOENT', async (t) => {
  await t.throwsAsync(probePaths(join(tempDir(t), 'nothing')), { code: 'ENOENT' });
});

test('an abort rejects with the reason of the signal', async (t) => {
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(probePaths('/dev/null', { signal })), reason);
});
