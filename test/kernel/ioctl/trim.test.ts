import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mount } from '../../../src/ioctl/file/mount.ts';
import { trimFilesystem } from '../../../src/ioctl/file/trim.ts';
import {
  allocated,
  assertNothingLeft,
  attach,
  MiB,
  scratch,
  sparseFile,
  unmountAfter,
} from '../../support/kernel/loops.ts';

/** A mounted ext4 on a loop device, in which a file of 8 MiB was deleted. */
async function usedFilesystem(t: ExecutionContext, name: string) {
  const file = sparseFile(32 * MiB);
  execFileSync('mkfs.ext4', ['-q', file]);
  const { path } = await attach(t, file);
  const target = join(scratch, name);
  mkdirSync(target);
  unmountAfter(t, target);
  await mount({ source: path, target, type: 'ext4' });
  const content = join(target, 'content');
  writeFileSync(content, Buffer.alloc(8 * MiB, 0x5a), { flush: true });
  execFileSync('sync');
  const before = allocated(file);
  rmSync(content);
  // ext4 frees the blocks with the next commit of its journal.
  execFileSync('sync');
  return { file, target, before };
}

test('a trim frees the unused space of a filesystem in the backing file', async (t) => {
  const { file, target, before } = await usedFilesystem(t, 'trimmed');
  const trimmed = await trimFilesystem(target);
  t.true(trimmed >= BigInt(8 * MiB), `${trimmed} bytes trimmed`);
  t.true(allocated(file) <= before - 7 * MiB, `${before} before, ${allocated(file)} after`);
});

test('a trim of a range, then of the rest', async (t) => {
  const { target } = await usedFilesystem(t, 'in-parts');
  const part = await trimFilesystem(target, { start: BigInt(16 * MiB), length: BigInt(MiB) });
  t.true(part <= BigInt(MiB), `${part} bytes trimmed`);
  t.true((await trimFilesystem(target)) > part);
});

// In ext4 no free extent is larger than a block group, here 8 MiB.
for (const [title, options] of [
  ['stretch outside', { start: BigInt(1024 * MiB) }],
  ['minimum length larger than any free extent', { minLength: BigInt(16 * MiB) }],
] as const) {
  test(`a ${title} fails with EINVAL`, async (t) => {
    const { target } = await usedFilesystem(t, title);
    await t.throwsAsync(trimFilesystem(target, options), {
      code: 'EINVAL',
      message: `EINVAL: invalid argument, ioctl FITRIM '${target}'`,
    });
  });
}

test('a filesystem without a block device cannot be trimmed', async (t) => {
  const target = join(scratch, 'proc');
  mkdirSync(target);
  unmountAfter(t, target);
  await mount({ source: 'none', target, type: 'proc' });
  await t.throwsAsync(trimFilesystem(target), { code: 'ENOTTY' });
  t.true(readFileSync(join(target, 'mounts'), 'utf8').includes(target));
});

test('nothing is left', assertNothingLeft);
