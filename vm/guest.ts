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

/** Options of {@link runInGuest}. */
export interface GuestOptions {
  /** Program and arguments. They are passed unchanged, without a shell. */
  readonly command: readonly string[];
  /** The suite of the kernel. Default `bookworm`. */
  readonly kernel?: Suite;
  /** Memory in MiB. Default 3072. */
  readonly memory?: number;
  /** Whether QEMU emulates the machine. Default: user-mode Linux, or QEMU if that does not boot. */
  readonly qemu?: boolean;
  /** Number of processors. User-mode Linux has one, so more need QEMU. */
  readonly cpus?: number | undefined;
  /** Sizes in bytes of empty disks. `DMTS_DISKS` has their paths. They are deleted with the guest. */
  readonly disks?: readonly number[];
  /** Seconds from the machine's start to the command's end. Default 900. */
  readonly timeout?: number;
  /** Whether udevd runs in the guest. Default false. */
  readonly udev?: boolean;
  /** Whether QEMU uses KVM instead of emulation. Default false. */
  readonly kvm?: boolean;
  /** Variables for the command besides HOME, PATH and those of the locale. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory of the command. Default: that of this process. */
  readonly cwd?: string;
  /** Receives the command's output. Default: the output of this process. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Receives the guest's console, and makes the kernel log more to it. */
  readonly console?: Writable | undefined;
  /** Receives progress messages before the command starts. */
  readonly log?: (message: string) => void;
  /** Ends the guest. The reason of the signal is thrown after the cleanup. */
  readonly signal?: AbortSignal | undefined;
  /** Default: `cacheDirectory()`. */
  readonly cache?: string;
}

/** The result of a command. */
export interface GuestResult {
  /** The command's exit status; 128 + n if signal n ended it. */
  readonly exitCode: number;
  /** The guest's `uname -r`. */
  readonly kernel: string;
  readonly machine: Machine['kind'];
  /** Seconds from the machine's start to the command's start. */
  readonly bootSeconds: number;
}

/**
 * Runs one command in a new guest. Its root is this machine's root with a writable layer, which is discarded with the
 * guest. First installs, fetches and builds missing requirements. The processors and the memory of this machine limit
 * the number of concurrent guests; further ones wait.
 *
 * @throws GuestError if the guest cannot be prepared or booted, stops without a status, or reaches the time limit.
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
 * Does the part of {@link runInGuest} that may need the network: packages, kernel and initrd. A second call does nothing.
 *
 * @throws GuestError that names missing requirements and how to get them.
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

/** Boots a machine. Boots it again if it stops before its command starts, which Linux 7 rarely does. */
async function bootTwice(
  machine: Machine,
  slot: Slot,
  options: GuestOptions,
): Promise<BootOutcome> {
  const first = await bootOnce(machine, slot, 1, options);
  if (first.kind === 'exited' || first.started) return first;
  options.log?.(`Linux ${machine.release} stopped before the command started; booting it again`);
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
