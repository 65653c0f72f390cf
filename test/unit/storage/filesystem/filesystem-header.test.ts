// Headers of filesystems that mkfs programs create, compared with blkid.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import {
  parseFilesystemHeader,
  readFilesystemHeader,
} from '../../../../src/storage/filesystem/filesystem-header.ts';
import { hasProgram } from '../../../../src/storage/filesystem/program.ts';
import { ext4Head } from '../../../support/storage/heads.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const MIB = 1024n ** 2n;
const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`;
const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** A sparse file with a filesystem from a mkfs program. */
function made(t: ExecutionContext, bytes: bigint, program: string, ...args: string[]): string {
  const path = join(tempDir(t), 'device');
  const fd = openSync(path, 'w');
  ftruncateSync(fd, Number(bytes));
  closeSync(fd);
  run(program, ...args, path);
  return path;
}

const FILESYSTEMS: readonly (readonly [
  what: string,
  type: string,
  mib: bigint,
  program: string,
  args: readonly string[],
])[] = [
  ['ext4', 'ext4', 64n, 'mkfs.ext4', ['-F']],
  ['ext4 in blocks of 1 KiB', 'ext4', 16n, 'mkfs.ext4', ['-F', '-b', '1024']],
  ['ext4 without 64 bits', 'ext4', 64n, 'mkfs.ext4', ['-F', '-O', '^64bit']],
  ['ext4 with a given UUID', 'ext4', 64n, 'mkfs.ext4', ['-F', '-U', randomUUID()]],
  ['ext3', 'ext3', 64n, 'mkfs.ext4', ['-F', '-t', 'ext3']],
  ['ext2', 'ext2', 64n, 'mkfs.ext4', ['-F', '-t', 'ext2']],
  ['xfs', 'xfs', 320n, 'mkfs.xfs', ['-f', '-q']],
  ['xfs without checksums of its metadata', 'xfs', 320n, 'mkfs.xfs', ['-f', '-q', '-m', 'crc=0']],
];

for (const [what, type, mib, program, args] of FILESYSTEMS) {
  test(`${what}: as blkid reads it`, async (t) => {
    if (!hasProgram(program) || !hasProgram('blkid')) {
      t.log(`skipped: no ${program} or no blkid on this machine`);
      return void t.pass();
    }
    const path = made(t, mib * MIB, program, ...args);
    const header = await readFilesystemHeader(path);
    t.is(run('blkid', '-p', '-s', 'TYPE', '-o', 'value', path).trim(), type);
    t.deepEqual(header, {
      type: type.startsWith('ext') ? 'ext4' : 'xfs',
      uuid: run('blkid', '-p', '-s', 'UUID', '-o', 'value', path).trim(),
      size: mib * MIB,
    });
  });
}

test('more blocks than 32 bits can hold', (t) => {
  const uuid = randomUUID();
  const size = 64n * 1024n ** 4n;
  t.deepEqual(parseFilesystemHeader(ext4Head({ uuid, size })), { type: 'ext4', uuid, size });
});

test('the upper half counts only with the feature 64bit', (t) => {
  const head = ext4Head({ uuid: randomUUID(), size: 64n * MIB });
  head.writeUInt32LE(0, 1024 + 96);
  head.writeUInt32LE(7, 1024 + 336);
  t.is(parseFilesystemHeader(head)?.size, 64n * MIB);
});

const NONE: readonly (readonly [what: string, head: Buffer])[] = [
  ['zeros', Buffer.alloc(4096)],
  ['nothing', Buffer.alloc(0)],
  ['less than a block', ext4Head({ uuid: randomUUID(), size: MIB }).subarray(0, 2048)],
  ['btrfs, whose magic is further back', Buffer.alloc(4096, 'btrfs')],
  ['the magic of xfs in lower case', Buffer.concat([Buffer.from('xfsb'), Buffer.alloc(4092)])],
];

for (const [what, head] of NONE) {
  test(`${what}: neither ext4 nor xfs`, (t) => t.is(parseFilesystemHeader(head), undefined));
}

test('parsing any bytes does not throw', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), fc.boolean(), (bytes, xfs) => {
      const head = Buffer.alloc(4096);
      head.set(bytes);
      if (xfs) head.write('XFSB', 'latin1');
      else head.writeUInt16LE(0xef53, 1024 + 56);
      t.truthy(parseFilesystemHeader(head));
    }),
  );
});
