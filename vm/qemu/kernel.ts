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
  /** What `uname -r` says in the guest, such as `6.1.0-50-amd64`. */
  readonly release: string;
  /** Path of what QEMU boots, see `writeBootImage`. */
  readonly image: string;
  /** Directory that holds `lib/modules/<release>`. */
  readonly tree: string;
}

/**
 * The kernel of `suite`, from the cache or else fetched and unpacked (never installed) into it.
 *
 * @throws GuestError when apt or dpkg fail.
 */
export async function prepareKernel(suite: Suite, options: PrepareOptions): Promise<Kernel> {
  const tree = join(options.cache, 'kernels', suite);
  await ensureTree(tree, options, async (to, work) => {
    const release = await fetchKernel(suite, work, to, options.signal);
    await writeFile(join(to, 'kernel.json'), `${JSON.stringify({ release })}\n`);
  });
  return await readKernel(suite, tree);
}

/** The names among `dependencies` that belong to one build of the kernel: a version follows the first word. */
export function versionedKernelPackages(dependencies: readonly string[]): string[] {
  return [...new Set(dependencies.filter((name) => /^linux-[a-z]+-\d/.test(name)))];
}

async function readKernel(suite: Suite, tree: string): Promise<Kernel> {
  try {
    const record: unknown = JSON.parse(await readFile(join(tree, 'kernel.json'), 'utf8'));
    const { release } = record as { readonly release: string };
    return { suite, release, tree, image: join(tree, 'vmlinuz') };
  } catch (error) {
    throw new GuestError(`the cached kernel is damaged; remove ${tree}`, { cause: error });
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
  if (!image) throw new GuestError(`linux-image-amd64 of ${suite} depends on no kernel`);
  // One package up to trixie; in sid the image package is empty and depends on the rest of its build.
  const names = [image, ...versionedKernelPackages(await apt.depends(image))];
  const packages = join(work, 'packages');
  await mkdir(packages);
  await apt.download(names, packages);
  const unpacked = join(work, 'unpacked');
  for (const name of await readdir(packages))
    await run('dpkg', ['-x', join(packages, name), unpacked], { signal });
  return arrange(unpacked, tree, signal);
}

/** Moves the image and the modules to where every suite has them in the cache, and indexes the modules. */
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
    throw new GuestError(`no kernel image or no modules in the unpacked packages`);
  await mkdir(join(tree, 'lib/modules'), { recursive: true });
  await writeBootImage(join(unpacked, image), join(tree, 'vmlinuz'), signal);
  await rename(join(unpacked, modules), join(tree, 'lib/modules', release));
  await run('depmod', ['-b', tree, release], { signal, env: sbinPath() });
  return release;
}

/** kmod's programs are in sbin, which a user's PATH need not have. */
export function sbinPath(): { readonly PATH: string } {
  const { PATH } = process.env;
  return { PATH: `${PATH}:/usr/sbin:/sbin` };
}
