// Hostile tars in GNU tar 1.34 and in this library. Both reject a tar, or both give the same tree; each
// difference has a reason.

import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { applyDiff } from '../../../../src/storage/diff/apply-diff.ts';
import { place, TARS } from '../../../support/storage/diff/hostile-tars.ts';
import { END } from '../../../support/storage/diff/raw-tar.ts';
import { tellTree } from '../../../support/storage/diff/tree.ts';

/** Links out of the test directory. GNU tar follows existing links. */
const LEADING_OUT = ['etc', 'magic'];
const NOT_RUN = ['through a symbolic link to /etc', 'through /proc'];

/** A tree as text, without times: files that the tar does not list have the current time. */
function seen(layer: string, top: string): string {
  const all = [...tellTree(layer)].map(([path, told]) => [path, { ...told, mtime: undefined }]);
  const text = JSON.stringify(all, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  return text.replaceAll(top, '');
}

const WHITEOUT = 'GNU tar has no whiteouts: it creates a file of that name';
const FOLLOWS = 'GNU tar follows an existing link out of the directory';
const NUL = 'GNU tar ends a PAX path at its NUL; Go rejects it too';

/** The reason of each difference, by title. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'a NUL in a PAX path': NUL,
  'a NUL in a PAX link path': NUL,
  'the store of AUFS': 'Docker ignores the store of AUFS',
  'a whiteout of dots': WHITEOUT,
  'a whiteout of dots in a subdirectory': WHITEOUT,
  'a whiteout of a dot': WHITEOUT,
  'a whiteout of an empty name': WHITEOUT,
  'a whiteout of a symbolic link': WHITEOUT,
  'a whiteout of a directory with symbolic links in it': WHITEOUT,
  'a whiteout of a directory, as a directory': WHITEOUT,
  'an opaque directory with symbolic links in it': WHITEOUT,
  'an opaque top directory': WHITEOUT,
  'a whiteout through a symbolic link': FOLLOWS,
  'an opaque directory through a symbolic link': FOLLOWS,
  'an owner that chown would reject': 'GNU tar keeps the owner of its process',
  'a record without a key': 'GNU tar ignores it; Go rejects it too',
  'records without an entry':
    'GNU tar accepts the end of the tar, although the entry of the records is missing',
  'an unknown type': 'GNU tar creates a file, with a warning; Docker rejects it',
  'a hard link through a symbolic link': FOLLOWS,
  'a hard link through a symbolic link, then written to': FOLLOWS,
  'a hard link to a symbolic link is a symbolic link': FOLLOWS,
  'through a relative symbolic link out of the layer': FOLLOWS,
  'through a relative symbolic link in a subdirectory': FOLLOWS,
  'through an absolute symbolic link': FOLLOWS,
  'through a symbolic link to a directory above': FOLLOWS,
  'the mode of the target of a symbolic link':
    'GNU tar keeps a link with the same target, with the owner of the first entry',
};

for (const [title, tar] of TARS) {
  if (NOT_RUN.includes(title)) continue;
  test(`a hostile tar in GNU tar: ${title}`, async (t) => {
    const [ours, theirs] = [place(t), place(t)];
    for (const { layer } of [ours, theirs]) {
      for (const name of LEADING_OUT) rmSync(join(layer, name));
    }
    const refused = await applyDiff(ours.layer, Readable.from([...tar(ours), END])).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const file = join(theirs.top, 'tar');
    writeFileSync(file, Buffer.concat([...tar(theirs), END]));
    const options = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--same-permissions'];
    const { status, stderr } = spawnSync('tar', ['-xf', file, '-C', theirs.layer, ...options], {
      encoding: 'latin1',
      env: { ...process.env, LC_ALL: 'C' },
    });
    const trees = [ours, theirs].map(({ layer, top }) => seen(layer, top));
    const same = refused !== undefined ? status !== 0 : status === 0 && trees[0] === trees[1];
    const theirsSaid = stderr.replaceAll(theirs.top, '').trim().split('\n')[0];
    t.log(`ours: ${refused ?? 'unpacked'}; GNU tar: ${status === 0 ? 'unpacked' : theirsSaid}`);
    t.is(same ? 'same' : 'different', title in DIFFERENT ? 'different' : 'same');
  });
}

test('every difference from GNU tar names an existing tar', (t) => {
  const titles = TARS.map(([title]) => title);
  for (const title of [...Object.keys(DIFFERENT), ...NOT_RUN])
    t.true(titles.includes(title), title);
});
