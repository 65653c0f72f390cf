import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from './cache.ts';
import type { PrepareOptions } from './launch.ts';
import { run } from './run.ts';

/**
 * The directory with the files of one npm package, fetched into the cache if necessary. The package can be for any
 * processor or system; its dependencies are not fetched, and none of its scripts run.
 *
 * @param spec name and exact version: `'@koromix/koffi-linux-arm64@3.3.4'`
 * @throws GuestError if npm or tar fails.
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
  // Another process may have created the same files meanwhile.
  if (!(await there()).includes(name)) await rename(unpacked, target);
  return target;
}
