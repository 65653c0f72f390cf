import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { payload, writeBootImage } from '../../../../vm/qemu/image.ts';

/** A bzImage with only its header and `packed`. */
function bzImage(packed: Buffer, version = 0x20f): Buffer {
  const header = Buffer.alloc(512 * 3 + 16);
  header.writeUInt8(2, 0x1f1);
  header.write('HdrS', 0x202, 'latin1');
  header.writeUInt16LE(version, 0x206);
  header.writeUInt32LE(16, 0x248);
  header.writeUInt32LE(packed.length + 4, 0x24c);
  return Buffer.concat([header, packed, Buffer.alloc(4), Buffer.from('behind')]);
}

async function bootImage(image: Buffer): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'dmts-test-'));
  try {
    await writeFile(join(directory, 'from'), image);
    await writeBootImage(join(directory, 'from'), join(directory, 'to'));
    return await readFile(join(directory, 'to'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test('the payload is at the offset in the header', (t) => {
  t.deepEqual(payload(bzImage(Buffer.alloc(100))), { offset: 512 * 3 + 16, length: 104 });
});

test('no payload without a header, in an old header, or beyond the end', (t) => {
  const image = bzImage(Buffer.alloc(100));
  t.is(payload(Buffer.alloc(1000)), undefined);
  t.is(payload(Buffer.alloc(10)), undefined);
  t.is(payload(bzImage(Buffer.alloc(100), 0x207)), undefined);
  t.is(payload(image.subarray(0, 512 * 3)), undefined);
});

test('an ELF kernel packed with xz is unpacked', async (t) => {
  const kernel = Buffer.from('\x7fELF and more', 'latin1');
  const packed = execFileSync('xz', ['--compress', '--check=crc32'], { input: kernel });
  t.deepEqual(await bootImage(bzImage(packed)), kernel);
});

test('any other content is returned unchanged', async (t) => {
  const other = execFileSync('xz', ['--compress'], { input: 'no kernel' });
  const broken = Buffer.from('\xfd7zXZ\0 broken', 'latin1');
  for (const image of [bzImage(Buffer.from('zstd')), bzImage(other), bzImage(broken)])
    t.deepEqual(await bootImage(image), image);
});
