// Random trees: files of every type with every attribute, and changes to them.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import fc from 'fast-check';
import { setTimes } from '../../../../src/ioctl/file/file-node.ts';
import { setXattr } from '../../../../src/ioctl/file/xattr.ts';

/** A file, with few values for each property, so that two files can differ in a single one. */
export interface RandomFile {
  readonly type: 'file' | 'directory' | 'symlink' | 'fifo' | 'device' | 'link' | 'nothing';
  readonly content: Uint8Array;
  /** Further positions of the content, with holes between. */
  readonly holes: number;
  readonly mode: number;
  readonly owner: number;
  readonly mtime: bigint;
  readonly xattrs: readonly (readonly [name: string, value: Uint8Array])[];
  /** The target of a link. */
  readonly to: string;
}

/** One step: create this file at this path, replacing an existing one. */
export type Step = readonly [path: string, file: RandomFile];

// Few names, so that steps affect the same paths. Some sort around a slash, are not ASCII, not UTF-8, or too long for a
// header.
const names = ['a', 'b', 'a.', 'a-b', 'ü', '\xff\xfe', 'n\nl', `long-${'x'.repeat(120)}`];
const path: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));

const mtime: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt(1n, 2n ** 60n) },
  fc.constantFrom(1n, 999_999_999n, -1n, -1_500_000_000n, 8_589_934_592_000_000_001n),
);

const xattr: fc.Arbitrary<readonly [string, Uint8Array]> = fc.tuple(
  fc.constantFrom('trusted.a', 'trusted.b', 'trusted.\xe9'),
  fc.uint8Array({ maxLength: 40 }),
);

const file: fc.Arbitrary<RandomFile> = fc.record({
  type: fc.constantFrom(
    ...(['file', 'file', 'file', 'directory', 'directory', 'symlink'] as const),
    ...(['fifo', 'device', 'link', 'link', 'nothing', 'nothing'] as const),
  ),
  content: fc.uint8Array({ maxLength: 600 }),
  holes: fc.constantFrom(0, 0, 1, 2),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  owner: fc.constantFrom(0, 1, 1000, 2_097_151, 2_097_152, 4_294_967_294),
  // ext4 stores times up to 2446. No fraction is 0: Docker's rule would treat it as missing.
  mtime: mtime.map((time) => (time % 1_000_000_000n === 0n ? time + 1n : time)),
  xattrs: fc.uniqueArray(xattr, { maxLength: 2, selector: ([name]) => name }),
  to: path,
});

/** Steps that create or change a tree. */
export const steps = (maxLength: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(fc.tuple(path, file), { maxLength });

const bytes = (root: string, inside: string): Buffer =>
  Buffer.concat([Buffer.from(`${root}/`), Buffer.from(inside, 'latin1')]);

function isDirectory(at: Buffer): boolean {
  return existsSync(at) && lstatSync(at).isDirectory();
}

/** Create the directories of a path, replacing anything else. */
function makeParents(root: string, inside: string): void {
  const parts = inside.split('/');
  for (let i = 1; i < parts.length; i++) {
    const at = bytes(root, parts.slice(0, i).join('/'));
    if (isDirectory(at)) continue;
    rmSync(at, { force: true });
    mkdirSync(at);
  }
}

const HOLE = 64 * 1024;

function writeFile(at: Buffer, { content, holes }: RandomFile): void {
  const fd = openSync(at, 'w');
  for (let i = 0; i <= holes; i++) writeSync(fd, content, 0, content.length, i * HOLE);
  closeSync(fd);
}

/** Create one file. @returns false if it cannot be created, such as a link to a missing file */
function make(root: string, at: Buffer, file: RandomFile): boolean {
  switch (file.type) {
    case 'nothing':
      return false;
    case 'directory':
      mkdirSync(at);
      return true;
    case 'symlink':
      symlinkSync(Buffer.from(file.to, 'latin1'), at);
      return true;
    case 'link': {
      const to = bytes(root, file.to);
      try {
        if (!lstatSync(to).isDirectory()) linkSync(to, at);
      } catch {
        return false;
      }
      return false;
    }
    case 'file':
      writeFile(at, file);
      return true;
    default:
      // mknod(1) accepts names as bytes only on its command line, which Node does not support: create, then rename.
      makeNode(root, at, file);
      return true;
  }
}

function makeNode(root: string, at: Buffer, { type, owner }: RandomFile): void {
  const name = `${root}.node`;
  const what = type === 'fifo' ? ['p'] : ['c', String(owner % 4096), '3'];
  execFileSync('mknod', [name, ...what]);
  linkSync(name, at);
  rmSync(name);
}

async function dress(root: string, inside: string, at: Buffer, file: RandomFile): Promise<void> {
  lchownSync(at, file.owner, file.owner);
  if (file.type !== 'symlink') chmodSync(at, file.mode);
  for (const [name, value] of file.xattrs) await setXattr(at, name, value);
  const fd = openSync(root, 'r');
  try {
    const times = { accessed: 0n, modified: file.mtime };
    await setTimes({ directory: fd, name: Buffer.from(inside, 'latin1') }, times);
  } finally {
    closeSync(fd);
  }
}

/** Run steps in a tree. */
export async function take(root: string, all: readonly Step[]): Promise<void> {
  for (const [inside, file] of all) {
    makeParents(root, inside);
    const at = bytes(root, inside);
    if (!(file.type === 'directory' && isDirectory(at))) {
      rmSync(at, { recursive: true, force: true });
      if (!make(root, at, file)) continue;
    }
    await dress(root, inside, at, file);
  }
}

/** A simple file, to which counterexamples shrink. */
export const plainFile: RandomFile = {
  type: 'file',
  content: Buffer.from('content'),
  holes: 0,
  mode: 0o644,
  owner: 0,
  mtime: 1_000_000_001n,
  xattrs: [],
  to: 'a',
};
