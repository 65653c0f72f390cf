// The content of a tar as other tools read it, and files that cannot be packed.

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  type BigIntStats,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import test, { type ExecutionContext } from 'ava';
import { extract } from 'tar-stream';
import { setXattr } from '../../../../../src/ioctl/file/xattr.ts';
import { applyDiff } from '../../../../../src/storage/diff/apply-diff.ts';
import { diffSize } from '../../../../../src/storage/diff/changes.ts';
import { putContent, type Sink } from '../../../../../src/storage/diff/pack/pack-content.ts';
import { packDiff } from '../../../../../src/storage/diff/pack-diff.ts';
import type { DiffProgress } from '../../../../../src/storage/diff/tree/options.ts';
import { copy, emptyLower, put, tellTree } from '../../../../support/storage/diff/tree.ts';
import { until } from '../../../../support/until.ts';

async function packed(upper: string, lower: string | undefined): Promise<Buffer> {
  return Buffer.concat(await packDiff(upper, lower).toArray());
}

/** Entries as tar-stream reads them. */
async function listed(tar: Buffer): Promise<string[]> {
  const lines: string[] = [];
  const reader = extract();
  reader.on('entry', ({ type, name, linkname, size }, stream, next) => {
    lines.push(`${type} ${name}${linkname ? ` -> ${linkname}` : ''}${size ? ` ${size}` : ''}`);
    stream.on('end', next).resume();
  });
  await pipeline([tar], reader);
  return lines;
}

test('the entries of a tar as another library reads them', async (t) => {
  const { lower, upper } = emptyLower(t);
  for (const path of ['gone', 'dir/gone', 'dir/kept', 'linked']) put(lower, path);
  copy(lower, upper);
  unlinkSync(join(upper, 'gone'));
  unlinkSync(join(upper, 'dir/gone'));
  put(upper, 'new', 'content');
  linkSync(join(upper, 'new'), join(upper, 'other-name'));
  linkSync(join(upper, 'linked'), join(upper, 'second-name'));
  symlinkSync('/etc/passwd', join(upper, 'symlink'));
  t.deepEqual(await listed(await packed(upper, lower)), [
    'directory dir/',
    'file dir/.wh.gone',
    'file .wh.gone',
    'file new 7',
    'link other-name -> new',
    'link second-name -> linked',
    'symlink symlink -> /etc/passwd',
  ]);
});

test('the same trees make the same tar', async (t) => {
  const { lower, upper } = emptyLower(t);
  put(lower, 'a');
  mkdirSync(upper);
  put(upper, 'b');
  const [one, two] = [await packed(upper, lower), await packed(upper, lower)];
  t.true(one.equals(two));
});

test('tar(1) unpacks it with times, holes and attributes', async (t) => {
  const { top, upper } = emptyLower(t);
  put(upper, 'a/b');
  put(upper, `long/${'é'.repeat(100)}`);
  await setXattr(Buffer.from(`${upper}/a/b`), 'user.bytes', Buffer.of(0, 0xff, 0x0a, 0x3d));
  writeFileSync(join(top, 'tar'), await packed(upper, undefined));
  mkdirSync(join(top, 'out'));
  const options = [
    '--xattrs',
    '--xattrs-include=*',
    '-C',
    join(top, 'out'),
    '-xf',
    join(top, 'tar'),
  ];
  execFileSync('tar', options);
  const [wanted, got] = [tellTree(upper), tellTree(join(top, 'out'))];
  wanted.delete('');
  got.delete('');
  t.deepEqual(got, wanted);
});

test('a tar from tar(1) is unpacked', async (t) => {
  for (const format of ['gnu', 'pax', 'ustar', 'v7', 'oldgnu']) {
    const { top, upper } = emptyLower(t);
    put(upper, 'a/b');
    put(upper, 'c', Buffer.alloc(100_000, 'c'));
    symlinkSync('a/b', join(upper, 's'));
    linkSync(join(upper, 'c'), join(upper, 'd'));
    const tar = join(top, 'tar');
    execFileSync('tar', [`--format=${format}`, '-C', upper, '-cf', tar, '.']);
    mkdirSync(join(top, 'out'));
    await applyDiff(join(top, 'out'), (await import('node:fs')).createReadStream(tar));
    t.is(readFileSync(join(top, 'out/s'), 'utf8'), 'a/b');
    t.is(lstatSync(join(top, 'out/d')).nlink, 2, format);
  }
});

test('holes are not read and remain holes; blocks of zeros become holes', async (t) => {
  const { top, lower, upper } = emptyLower(t);
  mkdirSync(upper);
  const size = 64 * 1024 * 1024;
  const fd = openSync(join(upper, 'sparse'), 'w');
  writeSync(fd, 'start', 0);
  writeSync(fd, 'middle', 33 * 1024 * 1024 + 5);
  closeSync(fd);
  truncateSync(join(upper, 'sparse'), size);
  writeFileSync(join(upper, 'zeros'), Buffer.alloc(1024 * 1024));
  mkdirSync(join(top, 'out'));
  const { bytes } = await applyDiff(join(top, 'out'), packDiff(upper, lower));
  t.is(bytes, BigInt(size + 1024 * 1024));
  t.is(bytes, await diffSize(upper, lower));
  t.deepEqual(tellTree(join(top, 'out')).get('/sparse'), tellTree(upper).get('/sparse'));
  const blocks = (name: string): number => lstatSync(join(top, 'out', name)).blocks;
  t.true(blocks('sparse') <= lstatSync(join(upper, 'sparse')).blocks);
  t.is(blocks('zeros'), 0);
});

test('a socket is skipped, and the file that it replaced is deleted', async (t) => {
  const { lower, upper } = emptyLower(t);
  put(lower, 'replaced');
  mkdirSync(upper);
  for (const name of ['new', 'replaced']) {
    const server = createServer().listen(join(upper, name));
    t.teardown(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
  }
  t.deepEqual(await listed(await packed(upper, lower)), ['file .wh.replaced']);
});

test('a file with the name of a whiteout', async (t) => {
  const { lower, upper } = emptyLower(t);
  put(upper, 'dir/.wh.file');
  await t.throwsAsync(packed(upper, lower), {
    code: 'ERR_DIFF_FILE',
    message: `"/dir/.wh.file": a layer's tar cannot store a name that begins with .wh.: it would be a whiteout`,
  });
});

test('an attribute with a name that a tar cannot store', async (t) => {
  const { lower, upper } = emptyLower(t);
  put(upper, 'file');
  await setXattr(Buffer.from(`${upper}/file`), 'user.a=b', Buffer.of(1));
  await t.throwsAsync(packed(upper, lower), { code: 'ERR_DIFF_FILE', message: /user\.a=b/ });
});

const MiB = 1024 * 1024;

/** Pack a file, and call `meddle` after a part of its content. @returns the length of the tar */
async function packedWhile(t: ExecutionContext, meddle: (path: string) => void): Promise<number> {
  const { lower, upper } = emptyLower(t);
  put(upper, 'file', Buffer.alloc(8 * MiB, 'x'));
  let [chunks, length] = [0, 0];
  for await (const chunk of packDiff(upper, lower)) {
    if (++chunks === 2) meddle(join(upper, 'file'));
    length += chunk.length;
  }
  return length;
}

for (const [title, meddle] of [
  ['shrinks', (path: string) => truncateSync(path, 4 * MiB)],
  ['grows', (path: string) => appendFileSync(path, 'x')],
] as const) {
  test(`a file that ${title} during the read`, async (t) => {
    await t.throwsAsync(packedWhile(t, meddle), {
      code: 'ERR_DIFF_CHANGED',
      message: /^"\/file": it (shrank|was written to) during the read$/,
    });
  });
}

test('a file that is deleted after it was opened is read to its end', async (t) => {
  t.is(await packedWhile(t, unlinkSync), 8 * MiB + 3 * 512 + 1024);
});

/** A sink that reads and drops everything. */
const NOWHERE: Sink = { fill: (most, write) => write(Buffer.alloc(most)) };

/** Replace a file. */
const become = (make: (path: string) => void) => (path: string) => {
  unlinkSync(path);
  make(path);
};

for (const [title, meddle, problem] of [
  ['has shrunk', (path: string) => truncateSync(path, 1), 'its size changed'],
  ['is missing', unlinkSync, 'it was replaced'],
  ['is a symbolic link', become((path) => symlinkSync('/dev/zero', path)), 'it was replaced'],
  ['is a fifo', become((path) => execFileSync('mkfifo', [path])), 'it was replaced'],
  [
    'is a device',
    become((path) => execFileSync('mknod', [path, 'c', '1', '5'])),
    'it was replaced',
  ],
] as const) {
  test(`a file that ${title} when it is opened`, async (t) => {
    const { upper } = emptyLower(t);
    put(upper, 'file');
    const path = join(upper, 'file');
    const stats = lstatSync(path, { bigint: true });
    meddle(path);
    t.throws(() => putContent(NOWHERE, { path: '/file', at: Buffer.from(path), stats }), {
      code: 'ERR_DIFF_CHANGED',
      message: `"/file": ${problem} during the read`,
    });
  });
}

test('progress reports, with the bytes of the tar', async (t) => {
  const { top, lower, upper } = emptyLower(t);
  for (const name of ['a', 'b', 'c']) put(upper, name, Buffer.alloc(1000));
  mkdirSync(join(top, 'out'));
  const seen: Record<'packed' | 'unpacked', DiffProgress[]> = { packed: [], unpacked: [] };
  const tar = packDiff(upper, lower, { onProgress: (at) => seen.packed.push(at) });
  const result = await applyDiff(join(top, 'out'), tar, {
    onProgress: (at) => seen.unpacked.push(at),
  });
  t.is(result.bytes, 3000n);
  for (const some of Object.values(seen)) {
    t.is(some[0]?.entries, 1);
    t.is(some.at(-1)?.entries, 3);
  }
  t.is(seen.packed.at(-1)!.bytes + 1024n, result.tarBytes);
});

for (const when of ['before it begins', 'in the middle'] as const) {
  test(`aborted packing and unpacking, ${when}`, async (t) => {
    const { top, lower, upper } = emptyLower(t);
    for (let i = 0; i < 50; i++) put(upper, `file-${i}`, Buffer.alloc(MiB / 4, 'x'));
    mkdirSync(join(top, 'out'));
    const reason = new Error('not wanted');
    for (const side of ['pack', 'apply'] as const) {
      const controller = new AbortController();
      const abort = (): void => controller.abort(reason);
      if (when === 'before it begins') abort();
      const options = { signal: controller.signal, onProgress: abort };
      const tar = packDiff(upper, lower, side === 'pack' ? options : {});
      const applied = applyDiff(join(top, 'out'), tar, side === 'apply' ? options : {});
      t.is(await t.throwsAsync(applied), reason, side);
    }
  });
}

test('an abort ends the wait for a tar', async (t) => {
  const { lower } = emptyLower(t);
  const { PassThrough } = await import('node:stream');
  const reason = new Error('not wanted');
  const controller = new AbortController();
  const tar = new PassThrough();
  const applied = applyDiff(lower, tar, { signal: controller.signal });
  await until('a reader of the tar', () => tar.listenerCount('readable') > 0);
  controller.abort(reason);
  t.is(await t.throwsAsync(applied), reason);
});

test('no descriptor remains open in any case', async (t) => {
  const { readdirSync } = await import('node:fs');
  const { top, lower, upper } = emptyLower(t);
  put(upper, 'a/b/c');
  put(upper, 'a/b/.wh.bad');
  mkdirSync(join(top, 'out'));
  const inTop = (): number =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return execFileSync('readlink', [`/proc/${process.pid}/fd/${fd}`], {
          encoding: 'utf8',
        }).startsWith(top);
      } catch {
        return false;
      }
    }).length;
  for (let i = 0; i < 3; i++) {
    await t.throwsAsync(applyDiff(join(top, 'out'), packDiff(upper, lower)), {
      code: 'ERR_DIFF_FILE',
    });
  }
  t.is(inTop(), 0);
});

test('a recently written file is read only after the next clock tick', async (t) => {
  const { upper } = emptyLower(t);
  put(upper, 'file', 'content');
  const at = Buffer.from(join(upper, 'file'));
  // Almost one tick ahead, so that the time until here does not matter.
  const mtimeNs = BigInt(Date.now() + 9) * 1_000_000n;
  const stats = { ...lstatSync(at, { bigint: true }), mtimeNs } as BigIntStats;
  t.throws(() => putContent(NOWHERE, { path: '/file', at, stats }), { code: 'ERR_DIFF_CHANGED' });
  t.true(BigInt(Date.now()) * 1_000_000n - mtimeNs >= 10_000_000n);
});
