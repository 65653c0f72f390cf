import { access, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from './cache.ts';
import type { PrepareOptions } from './launch.ts';
import { acquireLock } from './lock.ts';

/**
 * A directory of the cache, made where it is missing. It appears by one rename, so it is complete or absent; removing it
 * has it made again.
 *
 * @param path where the directory is to be.
 * @param make fills `tree`, a directory that does not exist yet; `work` is an empty directory for other files.
 * @returns whether it was made now.
 */
export async function ensureTree(
  path: string,
  { cache, signal, log }: PrepareOptions,
  make: (tree: string, work: string) => Promise<void>,
): Promise<boolean> {
  if (await exists(path)) return false;
  await using _lock = await acquireLock(join(cache, 'prepare.lock'), {
    signal,
    onWait: (pid) => log?.(`waiting for another download (pid ${pid})`),
  });
  if (await exists(path)) return false;
  const parent = dirname(path);
  // Under the lock a temporary directory is one that a killed process left.
  for (const name of await readdir(parent).catch((): string[] => []))
    if (name.startsWith('tmp-')) await rm(join(parent, name), { recursive: true, force: true });
  await using work = await temporaryDirectory(parent);
  const tree = join(work.path, 'tree');
  await make(tree, work.path);
  await rename(tree, path);
  return true;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
