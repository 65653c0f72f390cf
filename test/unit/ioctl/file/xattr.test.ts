import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { getXattr, listXattrs, removeXattr, setXattr } from '../../../../src/ioctl/file/xattr.ts';
import { tempDir } from '../../../support/temp-dir.ts';

function newFile(t: ExecutionContext): Buffer {
  const path = join(tempDir(t), 'file');
  writeFileSync(path, '');
  return Buffer.from(path);
}

test('attributes are set, listed by name, read and removed', (t) => {
  const path = newFile(t);
  setXattr(path, 'user.b', Buffer.from([0, 0xff, 10]));
  setXattr(path, 'user.a', Buffer.alloc(0));
  t.deepEqual(
    listXattrs(path).filter((name) => name.startsWith('user.')),
    ['user.a', 'user.b'],
  );
  t.deepEqual(getXattr(path, 'user.b'), Buffer.from([0, 0xff, 10]));
  t.deepEqual(getXattr(path, 'user.a'), Buffer.alloc(0));
  removeXattr(path, 'user.b');
  t.is(getXattr(path, 'user.b'), undefined);
});

test('a long value is read completely', (t) => {
  const path = newFile(t);
  const value = Buffer.alloc(2000, 'x');
  setXattr(path, 'user.long', value);
  t.deepEqual(getXattr(path, 'user.long'), value);
});

test('errors name the call, the attribute and the file', (t) => {
  const path = newFile(t);
  const missing = Buffer.from(`${path}-missing`);
  const about = { code: 'ENOENT', path: missing.toString() };
  t.like(
    t.throws(() => listXattrs(missing)),
    { ...about, syscall: 'llistxattr' },
  );
  t.like(
    t.throws(() => getXattr(missing, 'user.a')),
    { ...about, syscall: 'lgetxattr' },
  );
  const set = t.throws(() => setXattr(missing, 'user.a', Buffer.alloc(1)), {
    message: /lsetxattr user\.a/,
  });
  t.like(set, { ...about, syscall: 'lsetxattr' });
  const removed = t.throws(() => removeXattr(path, 'user.none'), {
    message: /lremovexattr user\.none/,
  });
  t.like(removed, { code: 'ENODATA', syscall: 'lremovexattr', path: path.toString() });
});

test('a symbolic link is not followed, and rejects user attributes', (t) => {
  const path = newFile(t);
  setXattr(path, 'user.a', Buffer.from('1'));
  const link = Buffer.from(`${path}-link`);
  symlinkSync(path.toString(), link.toString());
  t.is(getXattr(link, 'user.a'), undefined);
  t.throws(() => setXattr(link, 'user.a', Buffer.from('1')), { code: 'EPERM' });
});
