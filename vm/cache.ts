import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where kernels, initrds and locks are kept: `$XDG_CACHE_HOME/dmts`, or `~/.cache/dmts`. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME } = env;
  // The XDG specification has relative paths ignored.
  const base =
    XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(base, 'dmts');
}

/** A directory that is removed with all it holds by disposal. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

/** Makes an empty directory below `parent`, which is made when missing. */
export async function temporaryDirectory(parent: string): Promise<TemporaryDirectory> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, 'tmp-'));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
