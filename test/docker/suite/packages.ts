// Debian's last Docker with the devicemapper driver, fetched and unpacked, never installed.

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openPrivateApt } from '../../../vm/apt.ts';
import type { PrepareOptions } from '../../../vm/launch.ts';
import { run } from '../../../vm/run.ts';
import { ensureTree } from '../../../vm/tree.ts';

/** The last release whose Docker (20.10) has the driver. */
const SUITE = 'bookworm';

/** Docker, what it starts, and the libraries that its programs want and a plain machine may lack. */
const PACKAGES = ['docker.io', 'containerd', 'runc', 'libdevmapper1.02.1', 'libseccomp2'];

/**
 * The directory with Docker's unpacked packages, from the cache or else fetched into it.
 *
 * @throws GuestError when apt or dpkg fail.
 */
export async function prepareDocker(options: PrepareOptions): Promise<string> {
  const { cache, signal } = options;
  const tree = join(cache, 'docker', SUITE);
  await ensureTree(tree, options, async (to, work) => {
    const apt = await openPrivateApt(SUITE, join(work, 'apt'), signal);
    const packages = join(work, 'packages');
    await mkdir(packages);
    await apt.download(PACKAGES, packages);
    for (const name of await readdir(packages))
      await run('dpkg', ['-x', join(packages, name), to], { signal });
  });
  return tree;
}
