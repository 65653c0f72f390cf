// Without privileges: devices that know no such command. The rest is in test/kernel/commands.test.ts.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { probePaths } from '../../src/dm/probe-paths.ts';
import { tempDir } from '../helpers/temp-dir.ts';

test('a file has no paths to probe', async (t) => {
  const path = join(tempDir(t), 'file');
  writeFileSync(path, '');
  const error = await t.throwsAsync(probePaths(path), { name: 'DmError', code: 'ENOTTY' });
  t.like(error, { command: 'DM_MPATH_PROBE_PATHS', device: path, errno: -25 });
});

// The driver of /dev/urandom says EINVAL of commands it does not know, as loop's does.
test('a device that says EINVAL of the command does not have it either', async (t) => {
  await t.throwsAsync(probePaths('/dev/urandom'), { name: 'DmError', code: 'ENOTTY' });
});

test('a device that is not there', async (t) => {
  await t.throwsAsync(probePaths(join(tempDir(t), 'nothing')), { code: 'ENOENT' });
});

test('an abort ends it with its own reason', async (t) => {
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(probePaths('/dev/null', { signal })), reason);
});
