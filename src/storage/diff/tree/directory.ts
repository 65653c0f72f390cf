// An open directory. Calls relative to its descriptor act in it even if its path changes.

import { type BigIntStats, constants, lstatSync, openSync, readdirSync } from 'node:fs';
import { openDirectoryBelow } from '../../../ioctl/file/openat2.ts';
import { OpenFile } from './content.ts';
import { toBytes } from './paths.ts';

/** An open directory. Disposing closes it. */
export class Directory extends OpenFile {
  /** A path to `name` in this directory through its descriptor; without a name, to the directory itself. */
  at(name?: string): Buffer {
    return toBytes(`/proc/self/fd/${this.fd}${name === undefined ? '' : `/${name}`}`);
  }

  /** The stats of `name`; `undefined` if it does not exist. */
  look(name: string): BigIntStats | undefined {
    return lstatSync(this.at(name), { bigint: true, throwIfNoEntry: false });
  }

  /** The names in the directory, unordered. */
  names(): string[] {
    return readdirSync(this.at(), { encoding: 'latin1' });
  }

  /** Opens a directory below, refusing symbolic links and mount points. `path` has no leading slash. */
  below(path: string): Directory {
    return new Directory(
      openDirectoryBelow({ root: this.fd, path: toBytes(path), way: 'beneath' }),
    );
  }

  /** Opens a directory below by a path with symbolic links, which are resolved inside this directory. */
  inside(path: string): Directory {
    return new Directory(
      openDirectoryBelow({ root: this.fd, path: toBytes(path), way: 'in-root' }),
    );
  }
}

/** Opens the top of a layer. @throws Node's own ENOENT or ENOTDIR */
export function openTop(path: string): Directory {
  using readable = new Directory(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY));
  // An empty path for openat2 means `.`.
  return readable.below('');
}
