import { randomBytes } from 'node:crypto';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { cacheDirectory } from './cache.ts';
import { guestInit } from './init.ts';
import { commandScript, guestEnvironment, type Job, settingsScript } from './job.ts';
import type { Machine } from './launch.ts';
import { type BootOutcome, boot } from './machine.ts';
import { ensurePackages, guestPackages } from './packages.ts';
import { prepareQemu } from './qemu/machine.ts';
import { acquireSlot, type Slot, slotCount } from './slots.ts';
import type { Suite } from './suites.ts';
import { prepareUml } from './uml/kernel.ts';

/** What to run, and on what machine. */
export interface GuestOptions {
  /** Program and arguments, passed on as they are: no shell reads them. */
  readonly command: readonly string[];
  /** Which kernel. Default `bookworm`. */
  readonly kernel?: Suite;
  /** MiB. Default 3072. */
  readonly memory?: number;
  /** Whether QEMU emulates the machine. Default: a user-mode Linux, and QEMU where none boots. */
  readonly qemu?: boolean;
  /** Processors; a user-mode Linux has one, so more are QEMU's. */
  readonly cpus?: number | undefined;
  /** Sizes in bytes of empty scratch disks, whose paths `DMTS_DISKS` names. They end with the guest. */
  readonly disks?: readonly number[];
  /** Seconds from the machine's start to the command's end. Default 900. */
  readonly timeout?: number;
  /** Whether udevd runs in the guest. Default false. */
  readonly udev?: boolean;
  /** Whether QEMU uses KVM and not emulation. Default false. */
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
  readonly machine: Machine['kind'];
  /** Seconds from the machine's start to the command's start. */
  readonly bootSeconds: number;
}

/**
 * Runs one command in a fresh guest, whose root is this machine's with a writable layer that ends with the guest.
 * Installs, fetches and builds what is missing first. As many guests run at once as this machine has processors and
 * memory for; others wait for their turn.
 *
 * @throws GuestError when the guest cannot be prepared or booted, stops without a status, or reaches the time limit.
 */
export async function runInGuest(options: GuestOptions): Promise<GuestResult> {
  const { cache = cacheDirectory(), log = () => {} } = options;
  await using slot = await acquireSlot(cache, slotCount(), {
    signal: options.signal,
    onWait: (pid) => log(`waiting for another guest (pid ${pid})`),
  });
  const machine = await prepare(options);
  const first = await bootTwice(machine, slot, options);
  if (first.kind === 'exited') return resultOf(machine, first);
  if (first.started || machine.kind === 'qemu') throw first.error;
  log(`${first.error.message}; using QEMU instead`);
  const qemu = await prepare({ ...options, qemu: true });
  const second = await bootTwice(qemu, slot, options);
  if (second.kind === 'died') throw second.error;
  return resultOf(qemu, second);
}

/**
 * Does all of {@link runInGuest} that can need the network: packages, kernel and initrd. Repeated, it does nothing.
 *
 * @throws GuestError saying what is missing and how to get it.
 */
export async function prepare(
  options: Pick<GuestOptions, 'kernel' | 'qemu' | 'cpus' | 'kvm' | 'cache' | 'signal' | 'log'>,
): Promise<Machine> {
  const { kernel = 'bookworm', cpus = 2, kvm = false, cache = cacheDirectory() } = options;
  await ensurePackages({ signal: options.signal, wanted: guestPackages });
  const isEmulated = options.qemu || kvm || (options.cpus ?? 1) > 1;
  return isEmulated
    ? await prepareQemu(kernel, { ...options, cache, cpus, kvm })
    : await prepareUml(kernel, { ...options, cache });
}

const resultOf = (
  { release, kind }: Machine,
  { status, bootTime }: Extract<BootOutcome, { kind: 'exited' }>,
): GuestResult => ({
  exitCode: status,
  kernel: release,
  machine: kind,
  bootSeconds: bootTime / 1000,
});

/** Boots a machine, and once more where it stopped before its command started, as Linux 7 does in one of many boots. */
async function bootTwice(
  machine: Machine,
  slot: Slot,
  options: GuestOptions,
): Promise<BootOutcome> {
  const first = await bootOnce(machine, slot, 1, options);
  if (first.kind === 'exited' || first.started) return first;
  options.log?.(
    `Linux ${machine.release} stopped before the command started; booting it once more`,
  );
  return await bootOnce(machine, slot, 2, options);
}

async function bootOnce(
  machine: Machine,
  { directory, processor }: Slot,
  attempt: number,
  options: GuestOptions,
): Promise<BootOutcome> {
  const work = join(directory, `${machine.kind}-${attempt}`);
  await mkdir(work);
  const disks = await makeDisks(work, options.disks ?? []);
  const trailer = `dmts-${randomBytes(16).toString('hex')}`;
  const job = await writeJob(join(work, 'job'), {
    command: options.command,
    cwd: options.cwd ?? process.cwd(),
    env: guestEnvironment(process.env, options.env ?? {}, {
      release: machine.release,
      disks: disks.map((_, index) => machine.diskPrefix + String.fromCharCode(97 + index)),
    }),
    trailer,
    machine: machine.kind,
    udev: options.udev ?? false,
    modules: disks.length === 0 ? [] : machine.diskModules,
  });
  return await boot({
    launch: await machine.launch({
      job,
      work,
      memory: options.memory ?? 3072,
      disks,
      processor,
      verbose: options.console !== undefined,
    }),
    trailer,
    stdout: options.stdout ?? process.stdout,
    stderr: options.stderr ?? process.stderr,
    console: options.console,
    timeout: (options.timeout ?? 900) * 1000,
    bootTimeout: machine.bootSeconds * 1000,
    signal: options.signal,
  });
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
