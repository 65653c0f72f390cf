import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPrivateApt } from './apt.ts';
import { temporaryDirectory } from './cache.ts';
import { errorCode, GuestError } from './errors.ts';
import { writeBootImage } from './image.ts';
import { acquireLock } from './lock.ts';
import { run } from './run.ts';

/** Debian releases whose kernel can be booted. */
export const suites = ['bookworm', 'trixie', 'sid'] as const;

/** One of {@link suites}: Linux 6.1, 6.12 and 7.x. */
export type Suite = (typeof suites)[number];

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

/** How {@link prepareKernel} reaches its cache. */
export interface PrepareOptions {
  /** The cache directory, see `cacheDirectory`. */
  readonly cache: string;
  readonly signal?: AbortSignal | undefined;
  /** Receives what somebody who waits would want to know. */
  readonly log?: (message: string) => void;
}

/**
 * The kernel of `suite`, from the cache or else fetched and unpacked (never installed) into it. A tree appears in the
 * cache by one rename, so that it is there completely or not at all; removing it has the newest kernel fetched.
 *
 * @throws GuestError when apt or dpkg fail.
 */
export async function prepareKernel(
  suite: Suite,
  { cache, signal, log }: PrepareOptions,
): Promise<Kernel> {
  const kernels = join(cache, 'kernels');
  const tree = join(kernels, suite);
  const cached = await readKernel(suite, tree);
  if (cached) return cached;
  await using _lock = await acquireLock(join(cache, 'prepare.lock'), {
    signal,
    onWait: (pid) => log?.(`waiting for another download (pid ${pid})`),
  });
  const fetchedMeanwhile = await readKernel(suite, tree);
  if (fetchedMeanwhile) return fetchedMeanwhile;
  // Under the lock a half-made directory is one that a killed process left.
  for (const name of await readdir(kernels).catch(() => []))
    if (name.startsWith('tmp-') || name === suite)
      await rm(join(kernels, name), { recursive: true, force: true });
  await using work = await temporaryDirectory(kernels);
  const unpacked = join(work.path, 'tree');
  const release = await fetchKernel(suite, work.path, unpacked, signal);
  await writeFile(join(unpacked, 'kernel.json'), `${JSON.stringify({ release })}\n`);
  await rename(unpacked, tree);
  return kernelAt(suite, tree, release);
}

/** The names among `dependencies` that belong to one build of the kernel: a version follows the first word. */
export function versionedKernelPackages(dependencies: readonly string[]): string[] {
  return [...new Set(dependencies.filter((name) => /^linux-[a-z]+-\d/.test(name)))];
}

async function readKernel(suite: Suite, tree: string): Promise<Kernel | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(join(tree, 'kernel.json'), 'utf8'));
    const { release } = record as { readonly release: string };
    return kernelAt(suite, tree, release);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new GuestError(`the cached kernel is damaged; remove ${tree}`, { cause: error });
  }
}

function kernelAt(suite: Suite, tree: string, release: string): Kernel {
  return { suite, release, tree, image: join(tree, 'vmlinuz') };
}

async function fetchKernel(
  suite: Suite,
  work: string,
  tree: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const apt = await openPrivateApt(suite, join(work, 'apt'), signal);
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
