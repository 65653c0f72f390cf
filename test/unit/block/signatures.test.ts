import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { deviceContent, isBlank, readHead, signatureOf } from '../../../src/block/signatures.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { restoredSuperblock } from '../../support/thin/metadata-block.ts';

type Part = readonly [at: number, text: string];

/** 128 KiB with these texts in it, one byte per character. */
function head(...parts: readonly Part[]): Buffer {
  const bytes = Buffer.alloc(131_072);
  for (const [at, text] of parts) bytes.write(text, at, 'latin1');
  return bytes;
}

const EXT: Part = [1080, '\x53\xef\x01\0'];
const BOOT: Part = [510, '\x55\xaa'];

const ROWS: readonly (readonly [what: string | undefined, ...parts: Part[]])[] = [
  [undefined],
  [undefined, [1000, 'hello']],
  ['dm-cache metadata', [32, '\x03\xc4\x18\0']],
  ['dm-era metadata', [32, '\x7b\x07\xc1\x7e']],
  ['dm-clone metadata', [32, '\x64\x7f\xf2\x8a']],
  ['dm-verity hash tree', [0, 'verity\0\0']],
  ['dm-integrity device', [0, 'integrt\0']],
  ['dm-writecache device', [0, '\x21\x93\x48\x23']],
  ['dm-snapshot exception store', [0, 'SnAp']],
  ['VDO volume', [0, 'dmvdo001']],
  ['LUKS1 encrypted volume', [0, 'LUKS\xba\xbe\0\x01']],
  ['LUKS2 encrypted volume', [0, 'LUKS\xba\xbe\0\x02']],
  ['BitLocker volume', [3, '-FVE-FS-'], BOOT],
  ['LVM physical volume', [512, 'LABELONE']],
  ['LVM physical volume', [1536, 'LABELONE']],
  [undefined, [2048, 'LABELONE']],
  ['MD RAID member', [4096, '\xfc\x4e\x2b\xa9']],
  ['bcache device', [4120, '\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81']],
  [
    'bcachefs filesystem',
    [4120, '\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef'],
  ],
  ['xfs filesystem', [0, 'XFSB']],
  ['btrfs filesystem', [65_600, '_BHRfS_M']],
  ['f2fs filesystem', [1024, '\x10\x20\xf5\xf2']],
  ['erofs filesystem', [1024, '\xe2\xe1\xf5\xe0']],
  ['squashfs filesystem', [0, 'hsqs']],
  ['ext2 filesystem', EXT, [1116, '\x38\0\0\0\x02\0\0\0']],
  ['ext3 filesystem', EXT, [1116, '\x3c\0\0\0\x02\0\0\0']],
  ['ext4 filesystem', EXT, [1116, '\x3c\0\0\0\xc2\x02\0\0']],
  // Two bytes that match by chance: no filesystem has this block size or revision.
  [undefined, EXT, [1048, '\x07']],
  [undefined, EXT, [1100, '\x02']],
  // A boot loader may occupy the sectors that ext leaves free.
  ['ext4 filesystem', EXT, [1120, '\x40'], BOOT],
  ['gfs2 filesystem', [65_536, '\x01\x16\x19\x70']],
  ['ocfs2 filesystem', [2048, 'OCFSV2']],
  ['jfs filesystem', [32_768, 'JFS1']],
  ['reiserfs filesystem', [65_588, 'ReIsEr2Fs']],
  ['iso9660 filesystem', [32_769, 'CD001'], BOOT],
  ['udf filesystem', [32_769, 'BEA01']],
  ['ntfs filesystem', [3, 'NTFS    '], BOOT],
  ['exfat filesystem', [3, 'EXFAT   '], BOOT],
  ['fat filesystem', [54, 'FAT16   '], BOOT],
  ['fat filesystem', [82, 'FAT32   '], BOOT],
  ['swap space', [4086, 'SWAPSPACE2']],
  ['swap space', [65_526, 'SWAPSPACE2']],
  ['hibernated system', [4086, 'S1SUSPEND\0']],
  ['qcow2 disk image', [0, 'QFI\xfb']],
  ['vmdk disk image', [0, 'KDMV']],
  ['vhdx disk image', [0, 'vhdxfile']],
  // A GPT has a protective MBR before it.
  ['GPT partition table', [512, 'EFI PART'], BOOT],
  ['GPT partition table', [4096, 'EFI PART'], BOOT],
  ['MBR partition table', BOOT],
  ['MBR partition table', [446, '\x80'], BOOT],
  ['boot sector', [446, '\xeb'], BOOT],
];

for (const [what, ...parts] of ROWS) {
  test(`${JSON.stringify(parts)} is ${what}`, (t) => {
    t.is(signatureOf(head(...parts)), what);
  });
}

test('the superblock of a pool', (t) => {
  t.is(signatureOf(restoredSuperblock()), 'thin-pool metadata');
});

test('a truncated magic is not detected, and is not an error', (t) => {
  t.is(signatureOf(head([65_600, '_BHRfS_M']).subarray(0, 65_607)), undefined);
  t.is(signatureOf(Buffer.from('LUKS\xba\xbe', 'latin1')), 'LUKS0 encrypted volume');
  for (const [, ...parts] of ROWS) {
    for (const length of [0, 3, 512, 1082, 1100, 4096, 4130]) {
      t.notThrows(() => signatureOf(head(...parts).subarray(0, length)));
    }
  }
});

test('only zeros are blank', (t) => {
  t.true(isBlank(Buffer.alloc(0)));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), fc.nat(), (length, at) => {
      const bytes = Buffer.alloc(length);
      t.true(isBlank(bytes));
      bytes[at % length] = 1;
      t.false(isBlank(bytes));
    }),
    { numRuns: 200 },
  );
});

test('the default read length is 128 KiB', async (t) => {
  const path = join(tempDir(t), 'disk');
  writeFileSync(path, Buffer.alloc(200_000, 7));
  t.is((await readHead(path)).length, 131_072);
  t.is((await readHead(path, 8192)).length, 8192);
  const signal = AbortSignal.abort(new Error('not wanted'));
  await t.throwsAsync(readHead(path, 4096, { signal }), { message: 'not wanted' });
});

const MIB = 1024 * 1024;

for (const [what, at, byte, content] of [
  ['only holes', 0, undefined, undefined],
  ['zeros that were written', 3 * MIB, 0, undefined],
  ['a byte in the first block', 100, 7, 'data of an unknown kind'],
  ['a byte behind the first block', 4096, 7, 'data of an unknown kind'],
  ['a byte behind a hole', 5 * MIB + 17, 7, 'data of an unknown kind'],
  ['a byte at its end', 8 * MIB - 1, 7, 'data of an unknown kind'],
] as const) {
  test(`a file with ${what}: ${content ?? 'blank'}`, async (t) => {
    const path = join(tempDir(t), 'disk');
    const fd = openSync(path, 'w');
    ftruncateSync(fd, 8 * MIB);
    if (byte !== undefined) writeSync(fd, Buffer.of(byte), 0, 1, at);
    closeSync(fd);
    t.is(await deviceContent(path), content);
  });
}
