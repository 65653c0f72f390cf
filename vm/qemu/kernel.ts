import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPrivateApt } from '../apt.ts';
import { GuestError } from '../errors.ts';
import type { PrepareOptions } from '../launch.ts';
import { run } from '../run.ts';
import type { Suite } from '../suites.ts';
import { ensureTree } from '../tree.ts';
import { writeBootImage } from './image.ts';

/** An unpacked kernel in the cache. */
export interface Kernel {
  readonly suite: Suite;
  /** The output of `uname -r` in the guest, such as `6.1.0-50-amd64`. */
  readonly release: string;
  /** Path of the boot image, see `writeBootImage`. */
  readonly image: string;
  /** Directory that contains `lib/modules/<release>`. */
  readonly tree: string;
}

/**
 * The kernel of `suite`, fetched and unpacked (not installed) into the cache if necessary.
 *
 * @throws GuestError if apt or dpkg fails.
 */
export async function prepareKernel(suite: Suite, options: PrepareOptions): Promise<Kernel> {
  const tree = join(options.cache, 'kernels', suite);
  await ensureTree(tree, options, async (to, work) => {
    const release = await fetchKernel(suite, work, to, options.signal);
    await writeFile(join(to, 'kernel.json'), `${JSON.stringify({ release })}\n`);
  });
  return await readKernel(suite, tree);
}

/** The names in `dependencies` of packages of one kernel build, which have a version. */
export function versionedKernelPackages(dependencies: readonly string[]): string[] {
  return [...new Set(dependencies.filter((name) => /^linux-[a-z]+-\d/.test(name)))];
}

async function readKernel(suite: Suite, tree: string): Promise<Kernel> {
  try {
    const record: unknown = JSON.parse(await readFile(join(tree, 'kernel.json'), 'utf8'));
    const { release } = record as { readonly release: string };
    return { suite, release, tree, image: join(tree, 'vmlinuz') };
  } catch (error) {
    throw new GuestError(`cannot read the cached kernel. Remove ${tree} to fetch it again`, {
      cause: error,
    });
  }
}

async function fetchKernel(
  suite: Suite,
  work: string,
  tree: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const apt = await openPrivateApt(suite, join(work, 'apt'), { signal });
  const [image] = versionedKernelPackages(await apt.depends('linux-image-amd64'));
  if (!image)
    throw new GuestError(
      `cannot find the kernel of ${suite}: linux-image-amd64 does not depend on one`,
    );
  // Up to trixie this is one package. In sid the image package is empty and depends on the other packages of its build.
  const names = [image, ...versionedKernelPackages(await apt.depends(image))];
  const packages = join(work, 'packages');
  await mkdir(packages);
  await apt.download(names, packages);
  const unpacked = join(work, 'unpacked');
  for (const name of await readdir(packages))
    await run('dpkg', ['-x', join(packages, name), unpacked], { signal });
  return arrange(unpacked, tree, signal);
}

/** Moves the image and the modules to their places in the cache, and indexes the modules. */
async function arrange(
  unpacked: string,
  tree: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const files = await readdir(unpacked, { recursive: true });
  const modules = files.find((name) => /^(usr\/)?lib\/modules\/[^/]+$/.test(name));
  const release = modules?.split('/').at(-1);
  const image = files.find(
    (name) => name === `boot/vmlinuz-${release}` || name === `${modules}/vmlinuz`,
  );
  if (!modules || !release || !image)
    throw new GuestError(`cannot find the kernel image and its modules in the unpacked packages`);
  await mkdir(join(tree, 'lib/modules'), { recursive: true });
  await writeBootImage(join(unpacked, image), join(tree, 'vmlinuz'), signal);
  await rename(join(unpacked, modules), join(tree, 'lib/modules', release));
  await run('depmod', ['-b', tree, release], { signal, env: sbinPath() });
  return release;
}

/** PATH with sbin, which has kmod's programs and which a user's PATH may lack. */
export function sbinPath(): { readonly PATH: string } {
  const { PATH } = process.env;
  return { PATH: `${PATH}:/usr/sbin:/sbin` };
}
