// Hostile tars, and the expected result of each.

import { existsSync, lstatSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { tempDir } from '../../temp-dir.ts';
import { directory, entry, hardLink, header, pax, symlink } from './raw-tar.ts';
import { put } from './tree.ts';

/** A layer, and a directory beside it. */
export interface Place {
  readonly top: string;
  readonly layer: string;
  /** A file that no tar may change. */
  readonly outside: string;
}

/** A layer with symbolic links that lead out of it. */
export function place(t: ExecutionContext): Place {
  const top = tempDir(t);
  const [layer, outside] = [join(top, 'layer'), join(top, 'outside')];
  for (const path of ['canary', 'dir/canary', 'dir/.wh.canary', 'secret']) put(outside, path);
  put(layer, 'file');
  put(layer, 'dir/file');
  const links = { out: '../outside', abs: outside, up: '..', loop: 'loop', etc: '/etc', in: 'dir' };
  for (const [name, to] of Object.entries(links)) symlinkSync(to, join(layer, name));
  symlinkSync('../../outside', join(layer, 'dir/out'));
  symlinkSync('/proc/self/root', join(layer, 'magic'));
  return { top, layer, outside };
}

type Made = (place: Place) => readonly Buffer[];
/** The expected error message, or a check of the layer. */
type Expected = RegExp | ((layer: string) => boolean);

const has =
  (...paths: string[]) =>
  (layer: string): boolean =>
    paths.every((path) => existsSync(join(layer, path)));
const hasNot =
  (...paths: string[]) =>
  (layer: string): boolean =>
    paths.every((path) => !existsSync(join(layer, path)));
const OUT = /leads out of the layer/;
const long = 'x'.repeat(255);

export const TARS: readonly (readonly [title: string, tar: Made, expected: Expected])[] = [
  ['a file above the layer', () => [entry({ name: '../outside/canary' }, 'x')], OUT],
  [
    'a file above the layer, after going down',
    () => [entry({ name: 'dir/../../outside/canary' }, 'x')],
    OUT,
  ],
  [
    'an absolute path',
    ({ outside }) => [entry({ name: `${outside}/canary` }, 'x')],
    (layer) => hasNot('canary')(layer),
  ],
  ['an absolute path that goes up', () => [entry({ name: '/../outside/canary' }, 'x')], OUT],
  ['only dots', () => [entry({ name: '..' }, 'x')], OUT],
  ['a directory of dots', () => [directory('../')], OUT],
  [
    'a path that goes up in a PAX record',
    () => [pax({ path: '../outside/canary' }), entry({ name: 'a' }, 'x')],
    OUT,
  ],
  [
    'a path that goes up in a GNU long name',
    () => [
      entry({ name: '././@LongLink', type: 'L' }, '../outside/canary\0'),
      entry({ name: 'a' }, 'x'),
    ],
    OUT,
  ],
  [
    'a path that goes up in a ustar prefix',
    () => [entry({ prefix: '..', name: 'outside/canary' }, 'x')],
    OUT,
  ],
  ['an empty name', () => [entry({ name: '' }, 'x')], /invalid path: it is empty/],
  [
    'a NUL in a PAX path',
    () => [pax({ path: 'a\0b' }), entry({ name: 'a' })],
    /invalid path: it contains NUL/,
  ],
  [
    'a NUL in a PAX link path',
    () => [pax({ linkpath: 'file\0b' }), hardLink('a', 'b')],
    /invalid path: it contains NUL/,
  ],
  [
    'a name that is too long',
    () => [pax({ path: `${long}x` }), entry({ name: 'a' })],
    /ENAMETOOLONG/,
  ],
  [
    'a path that is too long',
    () => [pax({ path: `${`${long}/`.repeat(16)}x` }), entry({ name: 'a' })],
    /expected at most 4095 bytes, got 4097/,
  ],
  [
    'a file in place of the top directory',
    () => [entry({ name: './', type: '0' }, ''), entry({ name: '.' }, 'x')],
    /for the top of the layer, got a file/,
  ],
  [
    'a symbolic link in place of the top directory',
    ({ outside }) => [symlink('.', outside)],
    /for the top of the layer, got a symlink/,
  ],
  [
    'a hard link in place of the top directory',
    () => [hardLink('/', 'file')],
    /for the top of the layer, got a link/,
  ],
  [
    'attributes of the top directory',
    () => [directory('./', { mode: '0000700' })],
    (layer) => (lstatSync(layer).mode & 0o777) === 0o700,
  ],
  [
    'through a relative symbolic link out of the layer',
    () => [entry({ name: 'out/canary' }, 'x')],
    /ENOENT|ENOTDIR/,
  ],
  [
    'through a relative symbolic link in a subdirectory',
    () => [entry({ name: 'dir/out/canary' }, 'x')],
    /ENOENT|ENOTDIR/,
  ],
  ['through an absolute symbolic link', () => [entry({ name: 'abs/canary' }, 'x')], /ENOENT/],
  [
    'through a symbolic link to a directory above',
    () => [entry({ name: 'up/outside/canary' }, 'x')],
    has('outside/canary'),
  ],
  [
    'through a symbolic link to /etc',
    () => [directory('etc2'), entry({ name: 'etc/canary' }, 'x')],
    /ELOOP/,
  ],
  ['through /proc', () => [entry({ name: 'magic/tmp/canary' }, 'x')], /ENOENT|ELOOP/],
  ['through a symbolic link to itself', () => [entry({ name: 'loop/a' }, 'x')], /ELOOP/],
  [
    'through a symbolic link of this tar',
    () => [symlink('s', '../outside'), entry({ name: 's/canary' }, 'x')],
    /ENOENT/,
  ],
  [
    'through two symbolic links of this tar',
    ({ outside }) => [symlink('s', 't'), symlink('t', outside), entry({ name: 's/canary' }, 'x')],
    /ENOENT/,
  ],
  ['through a file', () => [entry({ name: 'file/a' }, 'x')], /ENOTDIR/],
  [
    'over a symbolic link, which is replaced',
    () => [entry({ name: 'out' }, 'x')],
    (layer) => lstatSync(join(layer, 'out')).isFile(),
  ],
  [
    'a directory over a symbolic link',
    () => [directory('out', { mode: '0000777' })],
    (layer) => lstatSync(join(layer, 'out')).isDirectory(),
  ],
  [
    'a directory over a symbolic link, then a file in it',
    () => [directory('out'), entry({ name: 'out/canary' }, 'x')],
    has('out/canary'),
  ],
  [
    'a directory that was opened becomes a symbolic link',
    () => [
      entry({ name: 'd/a' }, 'x'),
      symlink('d', '../outside'),
      entry({ name: 'd/canary' }, 'x'),
    ],
    /ENOENT/,
  ],
  [
    'a parent directory becomes a symbolic link',
    () => [
      entry({ name: 'd/e/a' }, 'x'),
      symlink('d', '../outside'),
      entry({ name: 'd/dir/canary' }, 'x'),
    ],
    /ENOENT/,
  ],
  [
    'a directory is whited out and becomes a symbolic link',
    () => [
      entry({ name: 'd/a' }, 'x'),
      entry({ name: '.wh.d' }),
      symlink('d', '../outside'),
      entry({ name: 'd/canary' }, 'x'),
    ],
    /ENOENT/,
  ],
  [
    'a symbolic link out of the layer is only text',
    () => [symlink('s', '../../../../etc/passwd')],
    (layer) => readlinkSync(join(layer, 's')) === '../../../../etc/passwd',
  ],
  [
    'the mode of the target of a symbolic link',
    () => [
      symlink('s', '../outside/canary'),
      header({
        name: 's',
        type: '2',
        linkName: '../outside/canary',
        mode: '0004777',
        uid: '0001750',
      }),
    ],
    (layer) => lstatSync(join(layer, 's')).uid === 1000,
  ],
  ['a hard link to a file above', () => [hardLink('a', '../outside/secret')], OUT],
  [
    'a hard link to an absolute path',
    ({ outside }) => [hardLink('a', `${outside}/secret`)],
    /ENOENT/,
  ],
  ['a hard link through a symbolic link', () => [hardLink('a', 'out/secret')], /ENOENT/],
  [
    'a hard link through a symbolic link, then written to',
    () => [hardLink('a', 'abs/secret'), entry({ name: 'a' }, 'x')],
    /ENOENT/,
  ],
  [
    'a hard link to a symbolic link is a symbolic link',
    () => [hardLink('a', 'out'), entry({ name: 'a/canary' }, 'x')],
    /ENOENT/,
  ],
  ['a hard link to a directory', () => [hardLink('a', 'dir')], /expected a file/],
  ['a hard link to the top directory', () => [hardLink('a', '.')], /cannot lead to the top/],
  ['a hard link to an empty name', () => [hardLink('a', '')], /invalid path: it is empty/],
  ['a hard link to itself', () => [hardLink('file', 'file')], has('file')],
  [
    'a hard link into the store of AUFS',
    () => [hardLink('a', '.wh..wh.plnk/1.2')],
    /the store of AUFS/,
  ],
  [
    'the store of AUFS',
    () => [directory('.wh..wh.plnk'), entry({ name: '.wh..wh.plnk/1.2' }, 'x')],
    hasNot('.wh..wh.plnk'),
  ],
  ['a whiteout of dots', () => [entry({ name: '.wh...' })], /invalid whiteout: "\.\."/],
  [
    'a whiteout of dots in a subdirectory',
    () => [entry({ name: 'dir/.wh...' })],
    /invalid whiteout: "\.\."/,
  ],
  [
    'a whiteout of a dot',
    () => [entry({ name: 'dir/.wh..' })],
    /invalid whiteout: "\." is not a file name/,
  ],
  ['a whiteout of an empty name', () => [entry({ name: 'dir/.wh.' })], /invalid whiteout: ""/],
  ['a whiteout above the layer', () => [entry({ name: '../outside/.wh.canary' })], OUT],
  ['a whiteout through a symbolic link', () => [entry({ name: 'out/.wh.canary' })], /ENOENT/],
  [
    'a whiteout of a symbolic link',
    () => [entry({ name: '.wh.out' })],
    (layer) => !readdirSync(layer).includes('out'),
  ],
  [
    'a whiteout of a directory with symbolic links in it',
    () => [entry({ name: '.wh.dir' })],
    hasNot('dir'),
  ],
  ['a whiteout of a directory, as a directory', () => [directory('.wh.dir/')], hasNot('dir')],
  [
    'an opaque directory with symbolic links in it',
    () => [entry({ name: 'dir/.wh..wh..opq' })],
    (layer) => readdirSync(join(layer, 'dir')).length === 0,
  ],
  [
    'an opaque directory through a symbolic link',
    () => [entry({ name: 'out/.wh..wh..opq' })],
    /ENOENT/,
  ],
  [
    'an opaque top directory',
    () => [entry({ name: 'new' }), entry({ name: '.wh..wh..opq' })],
    (layer) => readdirSync(layer).join() === 'new',
  ],
  [
    'a size larger than the content',
    () => [header({ name: 'a', size: '00000010000' }), Buffer.alloc(512)],
    /"a": the tar is cut short/,
  ],
  [
    'a size of eight exabytes',
    () => [pax({ size: '9223372036854775807' }), header({ name: 'a' }), Buffer.alloc(512)],
    /"a": the tar is cut short/,
  ],
  [
    'a size out of range',
    () => [pax({ size: '9999999999999999999' }), header({ name: 'a' })],
    /expected size from 0/,
  ],
  [
    'a negative size',
    () => [header({ name: 'a', size: '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff' })],
    /expected size from 0/,
  ],
  [
    'a negative size in a PAX record',
    () => [pax({ size: '-1' }), header({ name: 'a' })],
    /expected size from 0/,
  ],
  [
    'a size that is not a number',
    () => [header({ name: 'a', size: 'many       ' })],
    /expected octal digits for size/,
  ],
  [
    'a size smaller than the content',
    () => [
      header({ name: 'a', size: '00000000001' }),
      Buffer.alloc(512, 'x'),
      Buffer.alloc(512, 'x'),
    ],
    /a wrong checksum/,
  ],
  [
    'a directory with content',
    () => [directory('d', { size: '00000001000' }), Buffer.alloc(512, 'x')],
    /a wrong checksum/,
  ],
  [
    'an owner that chown would reject',
    () => [pax({ uid: '4294967295' }), header({ name: 'a' })],
    /expected uid from 0/,
  ],
  ['an invalid time', () => [pax({ mtime: 'Infinity' }), header({ name: 'a' })], /expected a time/],
  [
    'other data after an entry',
    () => [entry({ name: 'a' }, 'x'), Buffer.alloc(100, 'x')],
    /a wrong checksum/,
  ],
  [
    'a truncated record',
    () => [entry({ name: 'p', type: 'x' }, '30 path=a\n'), entry({ name: 'a' })],
    /does not end at its length/,
  ],
  [
    'a record without a length',
    () => [entry({ name: 'p', type: 'x' }, 'path=a\n'), entry({ name: 'a' })],
    /expected the length of a record/,
  ],
  [
    'a record without a key',
    () => [entry({ name: 'p', type: 'x' }, '5 =a\n'), entry({ name: 'a' })],
    /expected a key/,
  ],
  [
    'records of a gigabyte',
    () => [header({ name: 'p', type: 'x', size: '10000000000' }), Buffer.alloc(512)],
    /expected an extended header of at most 1048576 bytes, got 1073741824/,
  ],
  ['records without an entry', () => [pax({ path: 'a' })], /cut short/],
  ['a wrong checksum', () => [header({ name: 'a', checksum: '0000001\0' })], /a wrong checksum/],
  ['not a tar', () => [Buffer.alloc(1024, 0x1f)], /a wrong checksum/],
  ['an unknown type', () => [header({ name: 'a', type: 'Z' })], /"a": unknown type "Z"/],
  [
    'a sparse form that does not exist',
    () => [pax({ 'GNU.sparse.major': '1' }), header({ name: 'a' })],
    /"a": invalid sparse map: expected form 0.0, 0.1 or 1.0, got "1."/,
  ],
  [
    'an attribute without a name',
    () => [pax({ 'SCHILY.xattr.': 'x' }), header({ name: 'a' })],
    has('a'),
  ],
  [
    'an attribute with NUL in its name',
    () => [pax({ 'SCHILY.xattr.user.a\0b': 'x' }), header({ name: 'a' })],
    /"a": .*NUL/,
  ],
  [
    'an attribute of an unknown class',
    () => [pax({ 'SCHILY.xattr.nonsense.a': 'x' }), header({ name: 'a' })],
    has('a'),
  ],
  [
    'an attribute for the target of a symbolic link',
    () => [pax({ 'SCHILY.xattr.trusted.a': 'x' }), symlink('s', '../outside/canary')],
    has(),
  ],
];
