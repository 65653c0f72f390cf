import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { makeNode, nodePath, removeNode, syncNodes } from '../../../../src/dm/reply/nodes.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const DEV = 0xfd07n;

/** The names in `mapper/` as bytes, each with the target of its link. */
const nodes = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(join(dir, 'mapper'), { encoding: 'latin1' }).map((name) => {
      const path = Buffer.concat([Buffer.from(`${dir}/mapper/`), Buffer.from(name, 'latin1')]);
      return [name, lstatSync(path).isSymbolicLink() ? readlinkSync(path) : 'file'];
    }),
  );

test('nodePath returns the path in devtmpfs', (t) => t.is(nodePath('/dev', DEV), '/dev/dm-7'));

test('makeNode creates the same link as udev, and keeps an existing one', (t) => {
  const dir = tempDir(t);
  makeNode(dir, 'a\\x20b', DEV);
  makeNode(dir, 'a\\x20b', DEV);
  t.deepEqual(nodes(dir), { 'a\\x20b': '../dm-7' });
});

test('makeNode replaces a link to another device', (t) => {
  const dir = tempDir(t);
  makeNode(dir, 'a', 0xfd01n);
  makeNode(dir, 'a', DEV);
  t.deepEqual(nodes(dir), { a: '../dm-7' });
});

test('makeNode and removeNode keep a regular file', (t) => {
  const dir = tempDir(t);
  mkdirSync(join(dir, 'mapper'));
  writeFileSync(join(dir, 'mapper/a'), '');
  t.throws(() => makeNode(dir, 'a', DEV), { code: 'EEXIST' });
  removeNode(dir, 'a');
  t.true(existsSync(join(dir, 'mapper/a')));
});

// No user may remove an entry of /proc.
test('makeNode and removeNode throw if a link cannot be removed', (t) => {
  const dir = tempDir(t);
  symlinkSync('/proc/self', join(dir, 'mapper'));
  for (const act of [() => removeNode(dir, 'cwd'), () => makeNode(dir, 'cwd', DEV)]) {
    t.throws(act, { message: /^(EPERM|EACCES|EROFS): .*, unlink '.*\/mapper\/cwd'/ });
  }
});

test('removeNode ignores a missing node', (t) => {
  const dir = tempDir(t);
  t.notThrows(() => removeNode(dir, 'a'));
});

// Regression test for mangling 'none': the name of the node was the kernel's bytes as Latin-1, encoded in UTF-8.
for (const [name, bytes] of [
  ['é', '\xc3\xa9'],
  ['invalid UTF-8', 'a\xff'],
] as const) {
  test(`the name of a node has the bytes of the kernel's name: ${name}`, (t) => {
    const dir = tempDir(t);
    makeNode(dir, bytes, DEV);
    t.deepEqual(nodes(dir), { [bytes]: '../dm-7' });
    syncNodes(dir, [{ mangledName: bytes, dev: DEV }]);
    t.deepEqual(nodes(dir), { [bytes]: '../dm-7' });
    removeNode(dir, bytes);
    t.deepEqual(nodes(dir), {});
  });
}

test('syncNodes creates missing nodes, removes stale ones, and keeps other files', (t) => {
  const dir = tempDir(t);
  makeNode(dir, 'gone', 0xfd01n);
  makeNode(dir, 'stays', 0xfd02n);
  makeNode(dir, 'moved', 0xfd03n);
  writeFileSync(join(dir, 'mapper/file'), '');
  symlinkSync('../misc', join(dir, 'mapper/control'));
  syncNodes(dir, [
    { mangledName: 'stays', dev: 0xfd02n },
    { mangledName: 'moved', dev: 0xfd04n },
    { mangledName: 'new', dev: 0xfd05n },
  ]);
  t.deepEqual(nodes(dir), {
    control: '../misc',
    file: 'file',
    moved: '../dm-4',
    new: '../dm-5',
    stays: '../dm-2',
  });
});
