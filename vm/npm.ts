import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from './cache.ts';
import type { PrepareOptions } from './launch.ts';
import { run } from './run.ts';

/**
 * The directory with the files of one npm package, from the cache or else fetched into it: whatever processor or system
 * the package is for, without what it depends on, and without running anything of it.
 *
 * @param spec name and exact version: `'@koromix/koffi-linux-arm64@3.3.4'`
 * @throws GuestError when npm or tar fail.
 */
export async function fetchNpmPackage(
  spec: string,
  { cache, signal }: PrepareOptions,
): Promise<string> {
  const packages = join(cache, 'npm');
  const name = spec.replaceAll('/', '+');
  const target = join(packages, name);
  const there = async (): Promise<readonly string[]> => readdir(packages).catch(() => []);
  if ((await there()).includes(name)) return target;
  await using work = await temporaryDirectory(packages);
  await run('npm', ['pack', spec, '--silent', '--pack-destination', work.path], { signal });
  const [archive] = await readdir(work.path);
  const unpacked = join(work.path, 'unpacked');
  await mkdir(unpacked);
  const tar = ['-xzf', join(work.path, archive!), '-C', unpacked, '--strip-components=1'];
  await run('tar', tar, { signal });
  // Another process may have been faster, with the same files.
  if (!(await there()).includes(name)) await rename(unpacked, target);
  return target;
}
