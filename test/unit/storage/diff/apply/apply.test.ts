// Unpacking onto existing files, like Docker.

import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { getXattr, listXattrs, setXattr } from '../../../../../src/ioctl/file/xattr.ts';
import { applyDiff } from '../../../../../src/storage/diff/apply-diff.ts';
import {
  directory,
  END,
  entry,
  hardLink,
  header,
  pax,
  symlink,
} from '../../../../support/storage/diff/raw-tar.ts';
import { put } from '../../../../support/storage/diff/tree.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const apply = (layer: string, ...blocks: readonly Buffer[]) =>
  applyDiff(layer, Readable.from([...blocks, END]));

function lowerLayer(t: ExecutionContext): string {
  const layer = tempDir(t);
  for (const path of ['file', 'dir/a', 'dir/b', 'dir/sub/c', 'usr/lib/x']) put(layer, path);
  symlinkSync('usr/lib', join(layer, 'lib'));
  symlinkSync('/usr', join(layer, 'absolute'));
  return layer;
}

const names = (...path: readonly string[]): string =>
  readdirSync(join(...path))
    .sort()
    .join(' ');
const text = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');

test('through a symbolic link inside the layer, relative or absolute', async (t) => {
  const layer = lowerLayer(t);
  await apply(layer, entry({ name: 'lib/y' }, 'y'), entry({ name: 'absolute/lib/z' }, 'z'));
  t.is(names(layer, 'usr/lib'), 'x y z');
  t.true(lstatSync(join(layer, 'lib')).isSymbolicLink());
});

test('a whiteout of a file, and one of a missing file', async (t) => {
  const layer = lowerLayer(t);
  await apply(
    layer,
    entry({ name: 'dir/.wh.a' }),
    entry({ name: '.wh.file' }),
    entry({ name: '.wh.none' }),
  );
  t.is(names(layer), 'absolute dir lib usr');
  t.is(names(layer, 'dir'), 'b sub');
});

test('an opaque directory keeps the files of the tar, before and after the whiteout', async (t) => {
  const layer = lowerLayer(t);
  await apply(
    layer,
    directory('dir'),
    entry({ name: 'dir/sub/new' }, 'n'),
    entry({ name: 'dir/b' }, 'new b'),
    entry({ name: 'dir/.wh..wh..opq' }),
    entry({ name: 'dir/late' }, 'l'),
  );
  t.is(names(layer, 'dir'), 'b late sub');
  t.is(names(layer, 'dir/sub'), 'new');
  t.is(text(layer, 'dir/b'), 'new b');
});

test('a file that replaces a directory, and a directory that replaces a file', async (t) => {
  const layer = lowerLayer(t);
  await apply(
    layer,
    entry({ name: 'dir' }, 'file now'),
    directory('file'),
    entry({ name: 'file/x' }, 'x'),
  );
  t.is(text(layer, 'dir'), 'file now');
  t.is(names(layer, 'file'), 'x');
});

test('an existing directory keeps its content and gets the attributes', async (t) => {
  const layer = lowerLayer(t);
  await setXattr(Buffer.from(`${layer}/dir`), 'user.old', Buffer.of(1));
  await apply(layer, directory('dir', { mode: '0001705', uid: '0000001', gid: '0000002' }));
  const { mode, uid, gid, mtimeMs } = lstatSync(join(layer, 'dir'));
  t.deepEqual([mode & 0o7777, uid, gid, mtimeMs], [0o1705, 1, 2, 1000]);
  t.is(names(layer, 'dir'), 'a b sub');
  t.deepEqual(getXattr(Buffer.from(`${layer}/dir`), 'user.old'), Buffer.of(1));
});

test('a file with other hard links below is not written through', async (t) => {
  const layer = lowerLayer(t);
  linkSync(join(layer, 'file'), join(layer, 'second'));
  await apply(layer, entry({ name: 'file' }, 'new'));
  t.deepEqual([text(layer, 'file'), text(layer, 'second')], ['new', 'file']);
});

test('hard links within the tar, to the layer below, and through a symbolic link in it', async (t) => {
  const layer = lowerLayer(t);
  await apply(
    layer,
    entry({ name: 'new' }, 'n'),
    hardLink('one', 'new'),
    hardLink('two', '/file'),
    hardLink('three', 'lib/x'),
  );
  const inode = (path: string): number => lstatSync(join(layer, path)).ino;
  t.deepEqual(
    [inode('one'), inode('two'), inode('three')],
    [inode('new'), inode('file'), inode('usr/lib/x')],
  );
});

test('capabilities survive a change of owner and setuid', async (t) => {
  const layer = lowerLayer(t);
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');
  const record = { 'SCHILY.xattr.security.capability': capability.toString('latin1') };
  await apply(layer, pax(record), entry({ name: 'ping', mode: '0004755', uid: '0001750' }, 'x'));
  t.deepEqual(getXattr(Buffer.from(`${layer}/ping`), 'security.capability'), capability);
  t.is(lstatSync(join(layer, 'ping')).mode & 0o7777, 0o4755);
});

test('devices and fifos', async (t) => {
  const layer = lowerLayer(t);
  await apply(
    layer,
    header({ name: 'null', type: '3', mode: '0000666', major: '0000001', minor: '0000003' }),
    header({ name: 'disk', type: '4', major: '0000375', minor: '0001000' }),
    header({ name: 'fifo', type: '6', mode: '0000622' }),
  );
  const at = (name: string) => lstatSync(join(layer, name));
  t.true(at('null').isCharacterDevice());
  t.deepEqual([at('null').rdev, at('null').mode & 0o7777], [0x103, 0o666]);
  t.is(at('disk').rdev, (253 << 8) | ((512 & ~0xff) << 12));
  t.true(at('fifo').isFIFO());
  t.is(at('fifo').mode & 0o7777, 0o622);
});

test('directories get the times of the tar even if later entries change them', async (t) => {
  const layer = lowerLayer(t);
  await apply(
    layer,
    pax({ mtime: '1234567890.123456789' }),
    directory('d'),
    entry({ name: 'd/a' }, 'x'),
    symlink('d/s', 'a'),
  );
  t.is(lstatSync(join(layer, 'd'), { bigint: true }).mtimeNs, 1_234_567_890_123_456_789n);
});

test('directories that the tar does not list', async (t) => {
  const layer = lowerLayer(t);
  const umask = process.umask(0o077);
  await apply(layer, entry({ name: 'x/y/z' }, 'z')).finally(() => process.umask(umask));
  t.deepEqual([lstatSync(join(layer, 'x/y')).mode & 0o7777, text(layer, 'x/y/z')], [0o755, 'z']);
});

test('a directory that a later entry removes gets no time', async (t) => {
  const layer = lowerLayer(t);
  await apply(layer, directory('d'), directory('d/e'), entry({ name: '.wh.d' }));
  t.false(names(layer).split(' ').includes('d'));
});

test('an error of the system names the entry and keeps the cause', async (t) => {
  const layer = tempDir(t);
  mkdirSync(join(layer, 'file'));
  const error = await t.throwsAsync(
    apply(
      layer,
      entry({ name: `${'n'.repeat(90)}/${'x'.repeat(9)}`, prefix: 'file' }),
      pax({ path: 'y'.repeat(300) }),
      entry({ name: 'y' }),
    ),
    { code: 'ERR_DIFF_ENTRY', message: /^"y{300}": ENAMETOOLONG: name too long, open$/ },
  );
  t.like(error?.cause, { code: 'ENAMETOOLONG' });
});

test('unsupported attributes are skipped and returned to the caller', async (t) => {
  const layer = lowerLayer(t);
  const { leftOut, bytes } = await apply(
    layer,
    pax({ 'SCHILY.xattr.com.apple.provenance': 'x', 'SCHILY.xattr.user.kept': 'k' }),
    entry({ name: 'a', mode: '0000640' }, 'content'),
    pax({ 'SCHILY.xattr.com.apple.provenance': 'y', 'SCHILY.xattr.btrfs.compression': 'zstd' }),
    entry({ name: 'b\xff' }, 'x'),
    pax({ 'SCHILY.xattr.system.nfs4_acl': 'x', 'SCHILY.xattr.user.of-a-link': 'x' }),
    symlink('link', 'a'),
    pax({ [`SCHILY.xattr.user.${'n'.repeat(300)}`]: 'x', 'SCHILY.xattr.user.': 'x' }),
    directory('d'),
    pax({ 'SCHILY.xattr.user.large': 'x'.repeat(100_000) }),
    header({ name: 'fifo', type: '6' }),
  );
  t.is(bytes, 8n);
  t.deepEqual(leftOut, [
    { name: 'com.apple.provenance', code: 'ENOTSUP', count: 2, path: 'a' },
    { name: 'btrfs.compression', code: 'ENOTSUP', count: 1, path: 'b\ufffd' },
    { name: 'system.nfs4_acl', code: 'ENOTSUP', count: 1, path: 'link' },
    { name: 'user.of-a-link', code: 'EPERM', count: 1, path: 'link' },
    { name: `user.${'n'.repeat(300)}`, code: 'ERANGE', count: 1, path: 'd' },
    { name: 'user.', code: 'EINVAL', count: 1, path: 'd' },
    { name: 'user.large', code: 'E2BIG', count: 1, path: 'fifo' },
  ]);
  t.deepEqual(getXattr(Buffer.from(`${layer}/a`), 'user.kept'), Buffer.from('k'));
  t.deepEqual([lstatSync(join(layer, 'a')).mode & 0o7777, text(layer, 'a')], [0o640, 'content']);
});

test('an attribute that is too large for the filesystem is skipped', async (t) => {
  const layer = lowerLayer(t);
  const path = Buffer.from(`${layer}/a`);
  const record = { 'SCHILY.xattr.user.large': 'x'.repeat(60_000) };
  const { leftOut } = await apply(layer, pax(record), entry({ name: 'a' }, 'content'));
  const left = { name: 'user.large', code: 'ENOSPC', count: 1, path: 'a' };
  // ext4 has one block for attributes; xfs and tmpfs have more.
  t.deepEqual(leftOut, getXattr(path, 'user.large') ? [] : [left]);
  t.is(text(layer, 'a'), 'content');
});

/** An ACL in the kernel's form: version 2, then tag, permissions and id of each entry. */
function acl(...entries: readonly (readonly [tag: number, permissions: number, id?: number])[]) {
  const bytes = Buffer.alloc(4 + entries.length * 8);
  bytes.writeUInt32LE(2);
  for (const [index, [tag, permissions, id = 0xffff_ffff]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 4 + index * 8);
    bytes.writeUInt16LE(permissions, 6 + index * 8);
    bytes.writeUInt32LE(id, 8 + index * 8);
  }
  return bytes;
}
const [USER_OBJ, USER, GROUP_OBJ, MASK, OTHER] = [0x01, 0x02, 0x04, 0x10, 0x20] as const;
/** An ACL that grants everything to one user id. */
const GENEROUS = acl([USER_OBJ, 7], [USER, 7, 1234], [GROUP_OBJ, 7], [MASK, 7], [OTHER, 7]);

test('a default ACL of a directory does not apply to files unpacked into it', async (t) => {
  const layer = lowerLayer(t);
  await setXattr(Buffer.from(`${layer}/dir`), 'system.posix_acl_default', GENEROUS);
  await apply(
    layer,
    entry({ name: 'dir/new', mode: '0000640' }, 'x'),
    directory('dir/made', { mode: '0000750' }),
    entry({ name: 'dir/implied/file', mode: '0000600' }, 'x'),
    header({ name: 'dir/fifo', type: '6', mode: '0000600' }),
    symlink('dir/link', 'new'),
    pax({ 'SCHILY.xattr.system.posix_acl_access': GENEROUS.toString('latin1') }),
    entry({ name: 'dir/own', mode: '0000777' }, 'x'),
  );
  const told = ['new', 'made', 'implied', 'implied/file', 'fifo', 'own'].map((name) => {
    const path = `${layer}/dir/${name}`;
    const acls = listXattrs(Buffer.from(path)).filter((key) => key.includes('acl'));
    return `${name} ${(lstatSync(path).mode & 0o7777).toString(8)} ${acls}`;
  });
  t.deepEqual(told, [
    'new 640 ',
    'made 750 ',
    'implied 755 ',
    'implied/file 600 ',
    'fifo 600 ',
    'own 777 system.posix_acl_access',
  ]);
  // The directory itself keeps its ACL.
  await apply(layer, directory('dir'));
  t.deepEqual(listXattrs(Buffer.from(`${layer}/dir`)), ['system.posix_acl_default']);
});

test('the umask of the process has no effect', async (t) => {
  const layer = lowerLayer(t);
  const umask = process.umask(0o777);
  await apply(
    layer,
    entry({ name: 'a', mode: '0000666' }, 'x'),
    directory('d', { mode: '0001777' }),
    header({ name: 'fifo', type: '6', mode: '0000622' }),
  ).finally(() => process.umask(umask));
  const modes = ['a', 'd', 'fifo'].map((name) => lstatSync(join(layer, name)).mode & 0o7777);
  t.deepEqual(modes, [0o666, 0o1777, 0o622]);
});
