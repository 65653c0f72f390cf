import { access, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from './cache.ts';
import type { PrepareOptions } from './launch.ts';
import { acquireLock } from './lock.ts';

/**
 * Creates a directory of the cache if it is missing. One rename puts it into place, so it is complete or absent. After
 * its removal it is created again.
 *
 * @param path the path of the directory.
 * @param make creates and fills `tree`, which does not exist yet; `work` is an empty directory for other files.
 * @returns whether this call created it.
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
  // This process holds the lock, so any temporary directory is from a killed process.
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
