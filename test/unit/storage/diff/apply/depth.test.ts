// Deep trees: the work for each entry does not grow with its depth. The names that the kernel looks up are counted.

import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { unpackTar } from '../../../../../src/storage/diff/apply/unpack-tar.ts';
import { Directory } from '../../../../../src/storage/diff/tree/directory.ts';
import { sourceOf } from '../../../../support/storage/diff/byte-source.ts';
import { directory, END, entry, pax, symlink } from '../../../../support/storage/diff/raw-tar.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const LEVELS = 3000;
/** A path has at most 4095 bytes: a tree gets deeper through symbolic links in its paths. */
const BETWEEN_LINKS = 1000;

/** A tar of one directory in the other, with `LEVELS` levels. */
function* deepTar(): Generator<Buffer> {
  let prefix = '';
  for (let made = 0, link = 1; made < LEVELS; made += BETWEEN_LINKS, link++) {
    for (let level = 1; level <= BETWEEN_LINKS; level++) {
      yield pax({ path: `${prefix}${'d/'.repeat(level)}` });
      yield directory('x/');
    }
    yield pax({ path: `link${link}`, linkpath: `/${prefix}${'d/'.repeat(BETWEEN_LINKS)}` });
    yield symlink('x', 'y');
    prefix = `link${link}/`;
  }
  yield entry({ name: `${prefix}file` }, 'the deepest one');
  yield END;
}

/** Counts the names in the paths that the kernel resolves, until the test ends. */
function countNames(t: ExecutionContext): () => number {
  let names = 0;
  const { inside, below } = Directory.prototype;
  const count = (path: string): void => {
    names += path.split('/').length;
  };
  Object.assign(Directory.prototype, {
    inside(this: Directory, path: string) {
      count(path);
      return inside.call(this, path);
    },
    below(this: Directory, path: string) {
      count(path);
      return below.call(this, path);
    },
  });
  t.teardown(() => Object.assign(Directory.prototype, { inside, below }));
  return () => names;
}

test.serial('a tree of thousands of levels is unpacked and removed level by level', (t) => {
  const layer = mkdtempSync(join(tempDir(t), 'layer-'));
  const names = countNames(t);
  unpackTar(layer, sourceOf(deepTar()));
  const unpacked = names();
  // One name for each directory, one for its time, and for each link the path that it leads to.
  t.true(unpacked < 5 * LEVELS, `${unpacked} names`);
  t.deepEqual(readdirSync(layer).toSorted(), ['d', 'link1', 'link2', 'link3']);
  unpackTar(layer, sourceOf([entry({ name: '.wh.d' }), END]));
  t.true(names() - unpacked < 2 * LEVELS, `${names() - unpacked} names`);
  t.deepEqual(readdirSync(layer).toSorted(), ['link1', 'link2', 'link3']);
});
