// Runs a program of this project in a guest that has udevd, a disk and an unpacked Docker.

import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../../../vm/cache.ts';
import { consoleRing } from '../../../vm/console.ts';
import { GuestError } from '../../../vm/errors.ts';
import { runInGuest } from '../../../vm/guest.ts';
import { prepareDocker } from './packages.ts';

/** Size of the sparse disk for Docker's data. */
const DISK_BYTES = 8 * 1024 ** 3;

/** Number of console lines that a failure shows. */
const CONSOLE_LINES = 200;

/** The program to run, and its limits. */
export interface DockerGuestOptions {
  /** The compiled program, relative to this file: `./guest.js`. */
  readonly program: URL;
  readonly args?: readonly string[];
  /** Seconds. */
  readonly timeout: number;
  readonly stdout?: Writable;
}

const log = (message: string): void => console.error(`vm: ${message}`);

/** A stream that keeps the last lines written to it. */
function keepEnd(): { readonly stream: Writable; readonly lines: () => string[] } {
  const ring = consoleRing(CONSOLE_LINES);
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    ring.write(chunk);
    done();
  };
  return { stream: new Writable({ write }), lines: () => ring.lines() };
}

/**
 * Run a program whose first argument is the directory of the unpacked Docker. If it fails, the guest's console is
 * printed.
 *
 * @returns its exit status
 * @throws GuestError if Docker cannot be fetched, or the guest cannot be booted or does not end in time
 */
export async function runWithDocker(options: DockerGuestOptions): Promise<number> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort(new GuestError('interrupted'));
  process.once('SIGINT', onInterrupt);
  const { signal } = interrupt;
  const screen = keepEnd();
  let status: number | undefined;
  try {
    const tree = await prepareDocker({ cache: cacheDirectory(), signal, log });
    const program = fileURLToPath(options.program);
    const result = await runInGuest({
      command: [process.execPath, program, tree, ...(options.args ?? [])],
      disks: [DISK_BYTES],
      udev: true,
      timeout: options.timeout,
      console: screen.stream,
      ...(options.stdout && { stdout: options.stdout }),
      log,
      signal,
    });
    status = result.exitCode;
    return status;
  } finally {
    process.off('SIGINT', onInterrupt);
    if (status !== 0)
      console.error(["The end of the guest's console:", ...screen.lines()].join('\n'));
  }
}
