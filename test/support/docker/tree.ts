// The tree below a mounted directory, and the differences between two trees.

import { execFileSync } from 'node:child_process';
import type { Entry, Tree } from './tar.ts';

/** Write everything below a directory to a tar file, with every attribute. GNU tar is independent of Docker and dmts. */
export function tarDirectory(directory: string, file: string): void {
  const pax = ['--format=pax', '--pax-option=delete=atime,delete=ctime'];
  const all = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--one-file-system'];
  execFileSync('tar', ['--create', '--file', file, ...pax, ...all, '--directory', directory, '.']);
}

/** `docker export` writes only this extended attribute, and only the seconds of times. */
const EXPORTED = 'security.capability';

/** The tree as `docker export` would show it, without the top directory. */
export const asExported = (tree: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([path, entry]): [string, Entry][] => {
      const value = entry.xattrs[EXPORTED];
      const xattrs = value === undefined ? {} : { [EXPORTED]: value };
      const mtime = entry.mtime.replace(/\..*/, '');
      return path === '/' ? [] : [[path, { ...entry, mtime, xattrs }]];
    }),
  );

/** Every path at which two trees differ, with both entries; empty if they are equal. */
export function differences(expected: Tree, actual: Tree): readonly string[] {
  const paths = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
  return paths.flatMap((path) => {
    const [wanted, got] = [expected[path], actual[path]].map((entry) => JSON.stringify(entry));
    return wanted === got
      ? []
      : [`${path}: expected ${wanted ?? 'nothing'}, got ${got ?? 'nothing'}`];
  });
}
