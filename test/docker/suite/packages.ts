// Debian's last Docker with the devicemapper driver, fetched and unpacked, never installed.

import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openPrivateApt } from '../../../vm/apt.ts';
import { temporaryDirectory } from '../../../vm/cache.ts';
import { acquireLock } from '../../../vm/lock.ts';
import { run } from '../../../vm/run.ts';

/** The last release whose Docker (20.10) has the driver. */
const SUITE = 'bookworm';

/** Docker, what it starts, and the libraries that its programs want and a plain machine may lack. */
const PACKAGES = ['docker.io', 'containerd', 'runc', 'libdevmapper1.02.1', 'libseccomp2'];

/** How {@link prepareDocker} reaches its cache. */
export interface PrepareDockerOptions {
  /** The cache directory, see `cacheDirectory`. */
  readonly cache: string;
  readonly signal?: AbortSignal | undefined;
  /** Receives what somebody who waits would want to know. */
  readonly log?: (message: string) => void;
}

/**
 * The directory with Docker's unpacked packages, from the cache or else fetched into it. It appears by one rename;
 * removing it has the newest build fetched.
 *
 * @throws GuestError when apt or dpkg fail.
 */
export async function prepareDocker({ cache, signal, log }: PrepareDockerOptions): Promise<string> {
  const trees = join(cache, 'docker');
  const isThere = async (): Promise<boolean> =>
    (await readdir(trees).catch((): string[] => [])).includes(SUITE);
  const tree = join(trees, SUITE);
  if (await isThere()) return tree;
  await using _lock = await acquireLock(join(cache, 'prepare.lock'), {
    signal,
    onWait: (pid) => log?.(`waiting for another download (pid ${pid})`),
  });
  if (await isThere()) return tree;
  // Under the lock a half-made directory is one that a killed process left.
  await rm(trees, { recursive: true, force: true });
  await using work = await temporaryDirectory(trees);
  const apt = await openPrivateApt(SUITE, join(work.path, 'apt'), signal);
  const packages = join(work.path, 'packages');
  await mkdir(packages);
  await apt.download(PACKAGES, packages);
  const unpacked = join(work.path, 'unpacked');
  for (const name of await readdir(packages))
    await run('dpkg', ['-x', join(packages, name), unpacked], { signal });
  await rename(unpacked, tree);
  return tree;
}
