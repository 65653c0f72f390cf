import { closeSync, mkdirSync, openSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Containment, openDirectoryBelow } from '../../../../src/ioctl/file/openat2.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** `a/b`, and symbolic links to `a`, to the top (two forms), and out of the directory. */
function tree(t: ExecutionContext): number {
  const top = tempDir(t);
  mkdirSync(join(top, 'a/b'), { recursive: true });
  symlinkSync('a', join(top, 'relative'));
  symlinkSync('/a', join(top, 'absolute'));
  symlinkSync('../../..', join(top, 'above'));
  const root = openSync(top, 'r');
  t.teardown(() => closeSync(root));
  return root;
}

const entriesOf = (fd: number): readonly string[] => {
  try {
    return readdirSync(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
};

/** The outcome for each path: the entries of the directory, or an errno. */
const CASES: readonly (readonly [Containment, string, readonly string[] | string])[] = [
  ['beneath', '', ['a', 'above', 'absolute', 'relative']],
  ['beneath', 'a', ['b']],
  ['beneath', 'a/../a', ['b']],
  ['beneath', 'relative', 'ELOOP'],
  ['beneath', '..', 'EXDEV'],
  ['beneath', '/', 'EXDEV'],
  ['beneath', 'missing', 'ENOENT'],
  ['in-root', 'relative', ['b']],
  ['in-root', 'absolute', ['b']],
  ['in-root', '/a', ['b']],
  ['in-root', 'above/a', ['b']],
  ['in-root', 'a/../../../a', ['b']],
  ['in-root', 'missing', 'ENOENT'],
];

for (const [way, path, expected] of CASES) {
  test(`${way}: "${path}"`, (t) => {
    const call = { root: tree(t), path: Buffer.from(path), way };
    if (typeof expected === 'string') {
      const about = { code: expected, message: new RegExp(`openat2 '${path}'`) };
      t.throws(() => openDirectoryBelow(call), about);
      return;
    }
    t.deepEqual(entriesOf(openDirectoryBelow(call)).toSorted(), expected);
  });
}

test('a mount point below the directory is not crossed', (t) => {
  const root = openSync('/', 'r');
  t.teardown(() => closeSync(root));
  for (const way of ['beneath', 'in-root'] as const) {
    t.throws(() => openDirectoryBelow({ root, path: Buffer.from('proc'), way }), { code: 'EXDEV' });
  }
});
