import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { cacheDirectory, temporaryDirectory } from './cache.ts';
import { guestInit } from './init.ts';
import { prepareInitrd } from './initrd.ts';
import { commandScript, guestEnvironment, type Job, settingsScript } from './job.ts';
import { type Kernel, prepareKernel, type Suite } from './kernels.ts';
import { acquireLock } from './lock.ts';
import { boot } from './machine.ts';
import { ensurePackages } from './packages.ts';
import { accelerator } from './qemu.ts';

/** What to run, and on what machine. */
export interface GuestOptions {
  /** Program and arguments, passed on as they are: no shell reads them. */
  readonly command: readonly string[];
  /** Which kernel. Default `bookworm`. */
  readonly kernel?: Suite;
  /** MiB. Default 3072. */
  readonly memory?: number;
  /** Default 2. */
  readonly cpus?: number;
  /** Sizes in bytes of empty scratch disks: /dev/vda, /dev/vdb and so on. They end with the guest. */
  readonly disks?: readonly number[];
  /** Seconds from the machine's start to the command's end. Default 900. */
  readonly timeout?: number;
  /** Whether udevd runs in the guest. Default false. */
  readonly udev?: boolean;
  /** Whether to use KVM and not emulation. Default false. */
  readonly kvm?: boolean;
  /** Variables for the command besides HOME, PATH and the locale's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the command runs. Default: our own working directory. */
  readonly cwd?: string;
  /** Where its output goes. Default: our own. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Receives the guest's console, and has the kernel tell more on it. */
  readonly console?: Writable | undefined;
  /** Receives what happens before the command starts, one message at a time. */
  readonly log?: (message: string) => void;
  /** Ends the guest; the signal's reason is thrown when all is cleaned up. */
  readonly signal?: AbortSignal | undefined;
  /** Default: `cacheDirectory()`. */
  readonly cache?: string;
}

/** A command that ended. */
export interface GuestResult {
  /** The command's exit status; 128 + n when signal n ended it. */
  readonly exitCode: number;
  /** The guest's `uname -r`. */
  readonly kernel: string;
  /** Seconds from the start of QEMU to the command's start. */
  readonly bootSeconds: number;
}

/** Seconds that a boot may take: forty times what it takes on an idle machine, and less where it should take one. */
const bootLimit = { emulated: 180, kvm: 60 };

/**
 * Runs one command in a fresh guest, whose root is this machine's with a writable layer that ends with the guest.
 * Installs, fetches and builds what is missing first. One guest runs at a time; others wait for their turn.
 *
 * @throws GuestError when the guest cannot be prepared or booted, stops without a status, or reaches the time limit.
 */
export async function runInGuest(options: GuestOptions): Promise<GuestResult> {
  const { cache = cacheDirectory(), signal, log = () => {} } = options;
  const { kernel, initrd } = await prepare(options);
  await using _lock = await acquireLock(join(cache, 'guest.lock'), {
    signal,
    onWait: (pid) => log(`waiting for another guest (pid ${pid})`),
  });
  const runs = join(cache, 'run');
  // Under the lock these are what a killed process left.
  for (const name of await readdir(runs).catch(() => []))
    await rm(join(runs, name), { recursive: true, force: true });
  await using work = await temporaryDirectory(runs);
  const disks = await makeDisks(work.path, options.disks ?? []);
  const trailer = `dmts-${randomBytes(16).toString('hex')}`;
  const job = await writeJob(join(work.path, 'job'), {
    command: options.command,
    cwd: options.cwd ?? process.cwd(),
    env: guestEnvironment(process.env, options.env ?? {}, kernel.release),
    trailer,
    udev: options.udev ?? false,
    modules: disks.length === 0 ? [] : ['virtio_blk'],
  });
  const attempt = () =>
    boot({
      machine: {
        image: kernel.image,
        initrd,
        modules: join(kernel.tree, 'lib/modules', kernel.release),
        job,
        memory: options.memory ?? 3072,
        cpus: options.cpus ?? 2,
        disks,
        accelerator: accelerator(kernel.release, options.kvm ?? false),
        verbose: options.console !== undefined,
      },
      trailer,
      stdout: options.stdout ?? process.stdout,
      stderr: options.stderr ?? process.stderr,
      console: options.console,
      timeout: (options.timeout ?? 900) * 1000,
      bootTimeout: (options.kvm ? bootLimit.kvm : bootLimit.emulated) * 1000,
      signal,
    });
  let outcome = await attempt();
  if (outcome.kind === 'died' && !outcome.started && Number.parseInt(kernel.release, 10) >= 7) {
    log(`Linux ${kernel.release} stopped before the command started; booting it once more`);
    outcome = await attempt();
  }
  if (outcome.kind === 'died') throw outcome.error;
  return {
    exitCode: outcome.status,
    kernel: kernel.release,
    bootSeconds: outcome.bootTime / 1000,
  };
}

/**
 * Does all of {@link runInGuest} that can need the network: packages, kernel and initrd. Repeated, it does nothing.
 *
 * @throws GuestError saying what is missing and how to get it.
 */
export async function prepare(
  options: Pick<GuestOptions, 'kernel' | 'cache' | 'signal' | 'log'>,
): Promise<{ readonly kernel: Kernel; readonly initrd: string }> {
  const { kernel: suite = 'bookworm', signal } = options;
  const cache = options.cache ?? cacheDirectory();
  await ensurePackages({ signal });
  const kernel = await prepareKernel(suite, { ...options, cache });
  return { kernel, initrd: await prepareInitrd(kernel, { cache, signal }) };
}

async function makeDisks(directory: string, sizes: readonly number[]): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, size] of sizes.entries()) {
    const path = join(directory, `disk${index}`);
    await writeFile(path, '');
    await truncate(path, size);
    paths.push(path);
  }
  return paths;
}

async function writeJob(directory: string, job: Job): Promise<string> {
  await mkdir(directory);
  await writeFile(join(directory, 'init.sh'), guestInit);
  await writeFile(join(directory, 'settings.sh'), settingsScript(job));
  await writeFile(join(directory, 'command.sh'), commandScript(job));
  return directory;
}
