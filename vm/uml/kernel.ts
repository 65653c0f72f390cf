import { readdir, rename, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuestError } from '../errors.ts';
import { shellQuote } from '../job.ts';
import type { Launch, LaunchOptions, Machine, PrepareOptions } from '../launch.ts';
import { ensurePackages } from '../packages.ts';
import { run } from '../run.ts';
import type { Suite } from '../suites.ts';
import { unpackPackages } from '../unpack.ts';
import { umlArguments } from './arguments.ts';
import { umlInit } from './init.ts';

/** Packages that a user-mode Linux needs to boot. */
const bootPackages = ['kmod', 'patchelf', 'util-linux'];

/**
 * The user-mode Linux of `suite`: Debian's package, unpacked into the cache and not installed. It is a kernel that runs
 * as a program, without emulation or KVM. It has one processor.
 *
 * @throws GuestError if apt, dpkg or patchelf fails.
 */
export async function prepareUml(suite: Suite, options: PrepareOptions): Promise<Machine> {
  const { signal } = options;
  await ensurePackages({ signal, wanted: bootPackages });
  const tree = await unpackPackages(
    {
      directory: ['uml', suite],
      suite,
      packages: ['user-mode-linux', 'libc6'],
      arrange: (unpacked, place) => linkProgram(unpacked, place, signal),
    },
    options,
  );
  const release = await moduleRelease(tree);
  return {
    kind: 'uml',
    suite,
    release,
    diskPrefix: '/dev/ubd',
    diskModules: [],
    bootSeconds: 120,
    launch: (asked) => launch(tree, release, asked),
  };
}

/** Links the program with its suite's C library, which may be newer than this machine's, at its final `place`. */
async function linkProgram(
  tree: string,
  place: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const program = join(tree, 'linux');
  await rename(join(tree, 'usr/bin/linux.uml'), program);
  const libraries = join(place, await libraryDirectory(tree));
  const loader = join(libraries, 'ld-linux-x86-64.so.2');
  await run('patchelf', ['--set-interpreter', loader, '--set-rpath', libraries, program], {
    signal,
  });
}

/** The directory of libc6's libraries: up to bookworm it is not below usr. */
async function libraryDirectory(tree: string): Promise<string> {
  const below = 'lib/x86_64-linux-gnu';
  return (await readdir(tree)).includes('lib') ? below : join('usr', below);
}

/** The release of the modules in the package. */
async function moduleRelease(tree: string): Promise<string> {
  const [release, ...others] = await readdir(join(tree, 'usr/lib/uml/modules'));
  if (!release || others.length > 0)
    throw new GuestError(
      `cannot determine the kernel release: expected one directory of modules in ${tree}`,
    );
  return release;
}

/**
 * The command line of the guest. `taskset` binds it to one processor: the kernel traces the guest's processes, and each
 * system call switches between the two, which is several times as fast on one processor.
 */
async function launch(tree: string, release: string, options: LaunchOptions): Promise<Launch> {
  const modules = join(tree, 'usr/lib/uml/modules', release);
  const init = join(options.work, 'init.sh');
  await writeFile(init, umlInit(shellQuote(options.job), shellQuote(modules)), { mode: 0o755 });
  return {
    name: 'user-mode Linux',
    program: 'taskset',
    args: [
      '--cpu-list',
      String(options.processor),
      join(tree, 'linux'),
      ...umlArguments({ ...options, init, directory: options.work }),
    ],
    env: { TMPDIR: await memoryDirectory(options) },
  };
}

/** The directory of the guest's memory, which is a file: on a tmpfs with enough space, otherwise on the disk. */
async function memoryDirectory({ memory, work }: LaunchOptions): Promise<string> {
  const TMPFS_MAGIC = 0x0102_1994;
  const shared = '/dev/shm';
  const { type, bavail, bsize } = await statfs(shared).catch(() => ({
    type: 0,
    bavail: 0,
    bsize: 0,
  }));
  return type === TMPFS_MAGIC && bavail * bsize > memory * 2 ** 20 ? shared : work;
}
