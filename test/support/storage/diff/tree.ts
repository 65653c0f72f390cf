// Trees of files for a test: created by hand, and described entry by entry.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { getXattr, listXattrs } from '../../../../src/ioctl/file/xattr.ts';
import { type Change, changes } from '../../../../src/storage/diff/changes.ts';
import type { CompareOptions } from '../../../../src/storage/diff/tree/options.ts';
import { tempDir } from '../../temp-dir.ts';

const S_IFMT = 0o170000n;
const S_IFDIR = 0o040000n;
const S_IFREG = 0o100000n;
const S_IFLNK = 0o120000n;

/** Write a file, and create its parent directories. */
export function put(root: string, path: string, content: string | Buffer = path): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** A directory with an empty `lower`. */
export function emptyLower(t: ExecutionContext): { top: string; lower: string; upper: string } {
  const top = tempDir(t);
  mkdirSync(join(top, 'lower'));
  return { top, lower: join(top, 'lower'), upper: join(top, 'upper') };
}

/** Copy a tree with all attributes. Inodes and ctimes differ, so every file is compared by content. */
export function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', '--reflink=never', '--sparse=always', from, to]);
}

/** A tree that shares the inodes of its files with another one, as a snapshot does. */
export function share(from: string, to: string): void {
  execFileSync('cp', ['-al', from, to]);
}

/** Set both times to the same value. */
export const touch = (path: string, seconds: number): void => utimesSync(path, seconds, seconds);

/** All properties of a file that a layer's tar can store. */
export type Told = Readonly<Record<string, unknown>>;

function tell(path: Buffer): Record<string, unknown> & { readonly inode?: bigint } {
  const stats = lstatSync(path, { bigint: true });
  const type = stats.mode & S_IFMT;
  const told: Record<string, unknown> = {
    mode: stats.mode.toString(8),
    owner: `${stats.uid}:${stats.gid}`,
    mtime: stats.mtimeNs,
    rdev: stats.rdev,
    xattrs: listXattrs(path).map((key) => `${key}=${getXattr(path, key)?.toString('hex')}`),
  };
  if (type === S_IFLNK) told['target'] = readlinkSync(path, 'latin1');
  if (type === S_IFREG) {
    told['size'] = stats.size;
    told['hash'] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  if (type !== S_IFDIR) told['inode'] = stats.ino;
  return told;
}

/** Describe every file of a tree, by path. A path has one character per byte. */
export function tellTree(root: string): Map<string, Told> {
  const tree = new Map<string, Told>();
  const names = new Map<unknown, string>();
  const visit = (path: string): void => {
    const at = Buffer.concat([Buffer.from(root), Buffer.from(path, 'latin1')]);
    const { inode, ...told } = tell(at);
    const first = names.get(inode);
    if (inode !== undefined && first === undefined) names.set(inode, path);
    tree.set(path, first === undefined ? told : { ...told, linkTo: first });
    if (!lstatSync(at).isDirectory()) return;
    for (const name of readdirSync(at, 'latin1').sort()) visit(`${path}/${name}`);
  };
  visit('');
  return tree;
}

const LETTERS = { added: 'A', modified: 'C', deleted: 'D' } as const;

/** Changes as `docker diff` prints them. */
export async function inLetters(found: AsyncIterable<Change>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { kind, path } of found) lines.push(`${LETTERS[kind]} ${path}`);
  return lines;
}

/** The changes between two trees, as `docker diff` prints them. */
export const letters = (
  upper: string,
  lower: string | undefined,
  options: CompareOptions = {},
): Promise<string[]> => inLetters(changes(upper, lower, options));

/** Wait for longer than a tick of the clock of file times. */
export const clockStep = (): Promise<void> => sleep(20);
