#!/usr/bin/env node
import { Command, Option } from 'commander';
import { errorCode, GuestError, ownStatus } from './errors.ts';
import { type GuestOptions, prepare, runInGuest } from './guest.ts';
import { parseEnv, parseSize, parseWhole } from './options.ts';
import { type Suite, suites } from './suites.ts';

interface Flags {
  readonly kernel: Suite;
  readonly memory: number;
  readonly qemu: boolean;
  readonly cpus?: number;
  readonly disk: readonly number[];
  readonly timeout: number;
  readonly udev: boolean;
  readonly kvm: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly verbose: boolean;
  readonly prepare: boolean;
}

const after = `
The command sees this machine's files at their usual paths; its writes are discarded with the guest.
It runs in the working directory, as root, with HOME, PATH and the --env variables.
/tmp is empty except for entries that the working directory or the command's words name.
DMTS_DISKS has the paths of the disks, DMTS_GUEST the kernel's release.

Exit status: the command's own, or
  ${ownStatus.timeout}  the time limit was reached
  ${ownStatus.guest}  the guest could not be prepared or booted, or stopped without a status
  ${ownStatus.interrupted}  Ctrl-C (${ownStatus.terminated} for SIGTERM)

Kernels are cached in ~/.cache/dmts (or $XDG_CACHE_HOME/dmts); remove them to fetch the newest.

Examples:
  vm -- uname -r
  vm --kernel trixie --disk 1G --udev -- dmsetup create test --table '0 8 zero'`;

/** Creates the parser of the command line, which calls `action` with the result. */
export function program(action: (command: string[], flags: Flags) => Promise<void>): Command {
  return (
    new Command('vm')
      .description('Run a command under a Debian kernel, with this machine as its root')
      .argument('[command...]', 'program and arguments, preferably after --')
      .addOption(
        new Option('--kernel <suite>', 'Debian release of the kernel')
          .choices(suites)
          .default('bookworm'),
      )
      .option('--memory <MiB>', 'memory of the guest', parseWhole(256, 1 << 20), 3072)
      .option('--qemu', 'emulate the machine with QEMU instead of using user-mode Linux', false)
      .option('--cpus <n>', 'processors of the guest; more than one needs QEMU', parseWhole(1, 64))
      .option(
        '--disk <size>',
        'add an empty disk, such as 256M; repeatable',
        (text: string, before: readonly number[]) => [...before, parseSize(text)],
        [],
      )
      .option('--timeout <seconds>', 'time limit from boot to end', parseWhole(1, 1_000_000), 900)
      .option('--udev', 'run udevd in the guest', false)
      .option('--kvm', 'use QEMU with /dev/kvm instead of emulation', false)
      .option('--env <NAME=VALUE>', 'variable for the command; repeatable', parseEnv, {})
      .option('--verbose', "show the guest's console on standard error", false)
      .option('--prepare', 'install and fetch the requirements only; do not boot', false)
      .addHelpText('after', after)
      .passThroughOptions()
      // An error in the options must not look like status 1 of the command.
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : ownStatus.guest))
      .action(action)
  );
}

async function main(command: string[], flags: Flags): Promise<void> {
  if (command.length === 0 && !flags.prepare) return cli.help();
  const abort = new AbortController();
  const stopWith = (exitStatus: number, message: string) => () =>
    abort.abort(new GuestError(message, { exitStatus }));
  process.on('SIGINT', stopWith(ownStatus.interrupted, 'interrupted'));
  process.on('SIGTERM', stopWith(ownStatus.terminated, 'terminated'));
  process.on('SIGHUP', stopWith(ownStatus.terminated, 'terminated'));
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error) => {
      if (errorCode(error) !== 'EPIPE') throw error;
      stopWith(ownStatus.brokenPipe, 'the reader of the output has closed it')();
    });
  const options: GuestOptions = {
    ...flags,
    command,
    disks: flags.disk,
    console: flags.verbose ? process.stderr : undefined,
    log: (message) => void process.stderr.write(`vm: ${message}\n`),
    signal: abort.signal,
  };
  try {
    if (flags.prepare) {
      const { release, kind } = await prepare(options);
      options.log?.(`Linux ${release} is ready (${kind})`);
      return;
    }
    const result = await runInGuest(options);
    if (flags.verbose)
      options.log?.(
        `Linux ${result.kernel} (${result.machine}), up in ${result.bootSeconds.toFixed(1)} s`,
      );
    process.exitCode = result.exitCode;
  } catch (thrown) {
    // After an abort, the abort is the cause of any error.
    const error: unknown = abort.signal.aborted ? abort.signal.reason : thrown;
    if (!(error instanceof GuestError)) throw error;
    if (error.console.length > 0 && !flags.verbose)
      process.stderr.write(`vm: end of the guest's console:\n${error.console.join('\n')}\n`);
    process.stderr.write(`vm: ${error.message}\n`);
    process.exitCode = error.exitStatus;
  }
}

const cli = program(main);
await cli.parseAsync();
