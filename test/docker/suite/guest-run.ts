// Runs one of our programs in a guest that has udevd, a disk and an unpacked Docker.

import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../../../vm/cache.ts';
import { consoleRing } from '../../../vm/console.ts';
import { GuestError } from '../../../vm/errors.ts';
import { runInGuest } from '../../../vm/guest.ts';
import { prepareDocker } from './packages.ts';

/** Of the disk for Docker's data; sparse. */
const DISK_BYTES = 8 * 1024 ** 3;

/** Lines of the guest's console that a failure shows. */
const CONSOLE_LINES = 200;

/** What to run, and how it tells. */
export interface DockerGuestOptions {
  /** The compiled program, beside which this file is found: `./guest.js`. */
  readonly program: URL;
  readonly args?: readonly string[];
  /** Seconds. */
  readonly timeout: number;
  readonly stdout?: Writable;
}

const log = (message: string): void => console.error(`vm: ${message}`);

/** A stream that keeps the end of what is written to it. */
function keepEnd(): { readonly stream: Writable; readonly lines: () => string[] } {
  const ring = consoleRing(CONSOLE_LINES);
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    ring.write(chunk);
    done();
  };
  return { stream: new Writable({ write }), lines: () => ring.lines() };
}

/**
 * Run a program of ours, which finds the directory of the unpacked Docker as its first argument. The guest's console is
 * shown when it fails.
 *
 * @returns its exit status
 * @throws GuestError when Docker cannot be fetched, or the guest cannot be booted or does not end in time.
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
