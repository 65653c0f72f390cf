// Hostile tars. None of them changes a file outside the layer.

import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { applyDiff } from '../../../../src/storage/diff/apply-diff.ts';
import { isDiffError } from '../../../../src/storage/diff/tree/errors.ts';
import { place, TARS } from '../../../support/storage/diff/hostile-tars.ts';
import { directory, END, entry, pax } from '../../../support/storage/diff/raw-tar.ts';
import { put, tellTree } from '../../../support/storage/diff/tree.ts';
import { tempDir } from '../../../support/temp-dir.ts';

for (const [title, tar, expected] of TARS) {
  test(`a hostile tar: ${title}`, async (t) => {
    const at = place(t);
    const canary = tellTree(at.outside);
    const applied = applyDiff(at.layer, Readable.from([...tar(at), END]));
    if (typeof expected === 'function') {
      await applied;
      t.true(expected(at.layer));
    } else {
      const error = await t.throwsAsync(applied, { message: expected });
      t.true(isDiffError(error, 'ERR_DIFF_ENTRY', 'ERR_DIFF_TAR'));
      t.notRegex(error?.message ?? '', /\/proc\/self/);
    }
    t.deepEqual(tellTree(at.outside), canary);
    t.deepEqual(readdirSync(at.top).sort(), ['layer', 'outside']);
  });
}

test('the table has many rows', (t) => {
  t.true(TARS.length >= 80);
});

test('a tar that is truncated at any byte', async (t) => {
  const whole = Buffer.concat([
    pax({ path: 'long' }),
    entry({ name: 'a' }, 'abc'),
    directory('d'),
    END,
  ]);
  const afterContent = 3 * 512 + 3;
  for (let length = 1; length < whole.length; length += 113) {
    // A tar may end after a file's content, without the padding of its block.
    if (length >= afterContent && length < 4 * 512) continue;
    const { layer, outside } = place(t);
    const canary = tellTree(outside);
    const error = await t.throwsAsync(applyDiff(layer, Readable.from([whole.subarray(0, length)])));
    t.true(isDiffError(error, 'ERR_DIFF_TAR'), `${length}: ${error}`);
    t.regex(error?.message ?? '', /cut short/);
    t.deepEqual(tellTree(outside), canary);
  }
});

test('a tar without its two zero blocks is accepted', async (t) => {
  const { layer } = place(t);
  await applyDiff(layer, Readable.from([entry({ name: 'a' }, 'x')]));
  t.true(existsSync(join(layer, 'a')));
});

test('bytes after the end are ignored', async (t) => {
  const { layer } = place(t);
  const { bytes, tarBytes } = await applyDiff(
    layer,
    Readable.from([entry({ name: 'a' }, 'abc'), END, Buffer.alloc(3000, 'x')]),
  );
  t.deepEqual([bytes, tarBytes], [3n, 512n + 512n + 1024n + 3000n]);
});

test('a missing layer', async (t) => {
  const top = tempDir(t);
  await t.throwsAsync(applyDiff(join(top, 'none'), Readable.from([END])), { code: 'ENOENT' });
});

test('a mount point in the layer is not entered', async (t) => {
  const { layer, top } = place(t);
  mkdirSync(join(layer, 'mnt'));
  const { mount, unmount } = await import('../../../../src/ioctl/file/mount.ts');
  await mount({ source: 'none', target: join(layer, 'mnt'), type: 'tmpfs' });
  try {
    put(join(layer, 'mnt'), 'canary');
    for (const tar of [
      entry({ name: 'mnt/a' }, 'x'),
      entry({ name: 'mnt/.wh.canary' }),
      entry({ name: '.wh.mnt' }),
      directory('mnt', { mode: '0000700' }),
    ]) {
      await t.throwsAsync(applyDiff(layer, Readable.from([tar, END])), { message: /EXDEV/ });
    }
    t.deepEqual(readdirSync(join(layer, 'mnt')), ['canary']);
  } finally {
    await unmount(join(layer, 'mnt'));
  }
  t.true(existsSync(top));
});
