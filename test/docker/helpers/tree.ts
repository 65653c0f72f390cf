// The tree below a mounted directory, and how two trees differ.

import { execFileSync } from 'node:child_process';
import type { Entry, Tree } from './tar.ts';

/** Write all below a directory to a tar file, with every attribute: GNU tar is neither Docker nor dmts. */
export function tarDirectory(directory: string, file: string): void {
  const pax = ['--format=pax', '--pax-option=delete=atime,delete=ctime'];
  const all = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--one-file-system'];
  execFileSync('tar', ['--create', '--file', file, ...pax, ...all, '--directory', directory, '.']);
}

/** Of the extended attributes `docker export` writes this one, and of the times the seconds. */
const EXPORTED = 'security.capability';

/** What `docker export` would tell of a tree: all but the directory itself. */
export const asExported = (tree: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([path, entry]): [string, Entry][] => {
      const value = entry.xattrs[EXPORTED];
      const xattrs = value === undefined ? {} : { [EXPORTED]: value };
      const mtime = entry.mtime.replace(/\..*/, '');
      return path === '/' ? [] : [[path, { ...entry, mtime, xattrs }]];
    }),
  );

/** Every path at which two trees differ, with what each has there; empty when they are equal. */
export function differences(expected: Tree, actual: Tree): readonly string[] {
  const paths = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
  return paths.flatMap((path) => {
    const [wanted, got] = [expected[path], actual[path]].map((entry) => JSON.stringify(entry));
    return wanted === got
      ? []
      : [`${path}: expected ${wanted ?? 'nothing'}, got ${got ?? 'nothing'}`];
  });
}
