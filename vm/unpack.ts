import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openPrivateApt } from './apt.ts';
import type { PrepareOptions } from './launch.ts';
import { run } from './run.ts';
import { ensureTree } from './tree.ts';

/** Debian packages that are fetched and unpacked, never installed. */
export interface PackageTree {
  /** Place in the cache: `docker/bookworm`. */
  readonly directory: readonly [parent: string, name: string];
  /** The Debian release. */
  readonly suite: string;
  /** Debian architecture. @default 'amd64' */
  readonly architecture?: string;
  readonly packages: readonly string[];
  /** Modifies the unpacked tree, which is moved to `place` afterwards. */
  readonly arrange?: (tree: string, place: string) => Promise<void>;
}

/**
 * The directory with the unpacked packages, fetched into the cache if necessary. One rename puts it into place. After
 * its removal the newest build is fetched.
 *
 * @throws GuestError if apt or dpkg fails.
 */
export async function unpackPackages(
  { directory, suite, architecture, packages, arrange }: PackageTree,
  options: PrepareOptions,
): Promise<string> {
  const { cache, signal } = options;
  const place = join(cache, ...directory);
  await ensureTree(place, options, async (tree, work) => {
    const apt = await openPrivateApt(suite, join(work, 'apt'), {
      signal,
      ...(architecture !== undefined && { architecture }),
    });
    const downloads = join(work, 'packages');
    await mkdir(downloads);
    await apt.download(packages, downloads);
    for (const file of await readdir(downloads))
      await run('dpkg', ['-x', join(downloads, file), tree], { signal });
    await arrange?.(tree, place);
  });
  return place;
}
