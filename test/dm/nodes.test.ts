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
import { makeNode, nodePath, removeNode, syncNodes } from '../../src/dm/nodes.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const DEV = 0xfd07n;

/** The names below `mapper/`, each as its bytes, and where they lead. */
const nodes = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(join(dir, 'mapper'), { encoding: 'latin1' }).map((name) => {
      const path = Buffer.concat([Buffer.from(`${dir}/mapper/`), Buffer.from(name, 'latin1')]);
      return [name, lstatSync(path).isSymbolicLink() ? readlinkSync(path) : 'file'];
    }),
  );

test('the path that devtmpfs gives a device', (t) => t.is(nodePath('/dev', DEV), '/dev/dm-7'));

test('a name is a link to the node, as udev makes it, and made once', (t) => {
  const dir = tempDir(t);
  makeNode(dir, 'a\\x20b', DEV);
  makeNode(dir, 'a\\x20b', DEV);
  t.deepEqual(nodes(dir), { 'a\\x20b': '../dm-7' });
});

test('a link that leads elsewhere is replaced', (t) => {
  const dir = tempDir(t);
  makeNode(dir, 'a', 0xfd01n);
  makeNode(dir, 'a', DEV);
  t.deepEqual(nodes(dir), { a: '../dm-7' });
});

test('what is no device node is left alone', (t) => {
  const dir = tempDir(t);
  mkdirSync(join(dir, 'mapper'));
  writeFileSync(join(dir, 'mapper/a'), '');
  t.throws(() => makeNode(dir, 'a', DEV), { code: 'EEXIST' });
  removeNode(dir, 'a');
  t.true(existsSync(join(dir, 'mapper/a')));
});

// Nobody may remove a name from /proc, whoever they are.
test('a name that cannot be removed is told', (t) => {
  const dir = tempDir(t);
  symlinkSync('/proc/self', join(dir, 'mapper'));
  for (const act of [() => removeNode(dir, 'cwd'), () => makeNode(dir, 'cwd', DEV)]) {
    t.throws(act, { message: /^(EPERM|EACCES|EROFS): .*, unlink '.*\/mapper\/cwd'/ });
  }
});

test('a name that is not there is removed without a word', (t) => {
  const dir = tempDir(t);
  t.notThrows(() => removeNode(dir, 'a'));
});

// With mangling 'none' a name is the kernel's bytes: the node's name used to be their latin1 characters in UTF-8.
for (const [name, bytes] of [
  ['é', '\xc3\xa9'],
  ['bytes that are no UTF-8', 'a\xff'],
] as const) {
  test(`a name below mapper/ is the kernel's, byte for byte: ${name}`, (t) => {
    const dir = tempDir(t);
    makeNode(dir, bytes, DEV);
    t.deepEqual(nodes(dir), { [bytes]: '../dm-7' });
    syncNodes(dir, [{ mangledName: bytes, dev: DEV }]);
    t.deepEqual(nodes(dir), { [bytes]: '../dm-7' });
    removeNode(dir, bytes);
    t.deepEqual(nodes(dir), {});
  });
}

test('sync makes what is missing, removes what is too much, and keeps its hands off the rest', (t) => {
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
