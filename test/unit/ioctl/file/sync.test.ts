// syncfs(2) without a device of its own.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { syncFilesystem } from '../../../../src/ioctl/file/sync.ts';
import { tempDir } from '../../../support/temp-dir.ts';

test('the filesystem of a directory is synced', async (t) => {
  const directory = join(tempDir(t), 'below');
  mkdirSync(directory);
  await t.notThrowsAsync(syncFilesystem(directory));
});

test('a path that does not exist is ENOENT', async (t) => {
  await t.throwsAsync(syncFilesystem(join(tempDir(t), 'none')), { code: 'ENOENT' });
});

test('an aborted signal ends it', async (t) => {
  await t.throwsAsync(syncFilesystem(tempDir(t), { signal: AbortSignal.abort() }), {
    any: true,
    name: 'AbortError',
  });
});
