import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type ConsoleRing, consoleRing } from './console.ts';
import { errorCode, GuestError, ownStatus } from './errors.ts';
import type { Launch } from './launch.ts';
import { trailerBytes, trailerFinder } from './trailer.ts';

/** Number of console lines in an error. */
const consoleLines = 40;

/**
 * Executes the machine's program. A watcher in the same process group waits for the end of standard input, which occurs
 * at any end of this process, and then kills the group. It keeps none of the channels open.
 */
const supervisor = [
  'exec 9<&0',
  '{ read -r _ <&9; kill -KILL 0; } >/dev/null 2>&1 3>&- 4>&- 5>&- &',
  'exec 9<&- </dev/null "$@"',
].join('\n');

/** Options of one boot of a machine. */
export interface BootOptions {
  readonly launch: Launch;
  /** The word that ends both output streams. */
  readonly trailer: string;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Receives the guest's console. */
  readonly console?: Writable | undefined;
  /** Milliseconds from the machine's start to the command's end. */
  readonly timeout: number;
  /** Milliseconds from the machine's start to the command's start. */
  readonly bootTimeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** The outcome of one boot. */
export type BootOutcome =
  | {
      readonly kind: 'exited';
      readonly status: number;
      /** Milliseconds from the machine's start to the command's start. */
      readonly bootTime: number;
    }
  /** The machine ended without a status: after a panic or a power-off. */
  | { readonly kind: 'died'; readonly started: boolean; readonly error: GuestError };

/**
 * Boots a machine, copies the output of its command, and ends it. Its program has ended when this returns or throws.
 *
 * @throws GuestError if a program is missing or a time limit is reached; the reason of `signal` if it is aborted.
 */
export async function boot(options: BootOptions): Promise<BootOutcome> {
  options.signal?.throwIfAborted();
  const started = performance.now();
  const { program, args, env } = options.launch;
  // detached: Ctrl-C reaches only this process, which then ends the machine.
  const child = spawn('/bin/sh', ['-c', supervisor, 'sh', program, ...args], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const ended = exit(child);
  const ring = consoleRing(consoleLines);
  try {
    return await supervise(child, ended, ring, options, started);
  } finally {
    killGroup(child);
    await ended.catch(() => undefined);
  }
}

/** Kills all processes of a machine: user-mode Linux has one for each process of the guest. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

async function supervise(
  child: ChildProcess,
  ended: Promise<string>,
  ring: ConsoleRing,
  options: BootOptions,
  startTime: number,
): Promise<BootOutcome> {
  let bootTime: number | undefined;
  const [, consoleStream, messages, stdout, stderr, control] = child.stdio as (Readable | null)[];
  const messagesText: string[] = [];
  messages?.on('data', (chunk: Buffer) => messagesText.push(chunk.toString()));
  consoleStream?.on('data', (chunk: Buffer) => {
    ring.write(chunk);
    options.console?.write(chunk);
  });
  const fail = (message: string, exitStatus: number = ownStatus.guest): GuestError =>
    new GuestError([message, messagesText.join('').trim()].filter(Boolean).join('\n'), {
      exitStatus,
      console: ring.lines(),
    });
  const onStarted = (): void => {
    bootTime = performance.now() - startTime;
  };
  const status = Promise.all([
    exitStatus(control!, onStarted),
    copyUntil(stdout!, options.stdout, options.trailer),
    copyUntil(stderr!, options.stderr, options.trailer),
  ]).then(([code]): BootOutcome | undefined =>
    code === undefined ? undefined : { kind: 'exited', status: code, bootTime: bootTime ?? 0 },
  );
  const died = ended.then((how): BootOutcome => {
    const when = bootTime === undefined ? 'before' : 'while';
    return {
      kind: 'died',
      started: bootTime !== undefined,
      error: fail(
        `the guest stopped ${when} its command ran, without a status (${options.launch.name} ${how})`,
      ),
    };
  });
  const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;
  const limits = [
    limit(options.timeout, () =>
      fail(`the time limit of ${seconds(options.timeout)} was reached`, ownStatus.timeout),
    ),
    limit(options.bootTimeout, () =>
      bootTime === undefined
        ? fail(
            `the guest did not start its command within ${seconds(options.bootTimeout)} under ${options.launch.name}`,
          )
        : undefined,
    ),
    aborted(options.signal),
  ];
  try {
    // The channels close with QEMU. The order does not matter, because only a status counts.
    const first = await Promise.race([
      status.then((outcome) => outcome ?? died),
      died.then(async (outcome) => (await status) ?? outcome),
      ...limits.map(({ promise }) => promise),
    ]);
    return first;
  } finally {
    for (const { cancel } of limits) cancel();
  }
}

/** Resolves to a description of the end of the process; rejects if it could not be started. */
function exit(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(signal ? `was killed by ${signal}` : `exited with ${code}`),
    );
  });
}

/** Reads the control channel up to the command's exit status or its end. */
async function exitStatus(stream: Readable, onStarted: () => void): Promise<number | undefined> {
  let text = '';
  for await (const chunk of stream.setEncoding('latin1')) {
    text += String(chunk);
    if (text.startsWith('started\n')) onStarted();
    const match = /^exit (\d+)\n/m.exec(text);
    if (match) return Number(match[1]);
  }
  return undefined;
}

/** Copies a channel up to its trailer, with backpressure. */
async function copyUntil(from: Readable, to: Writable, trailer: string): Promise<void> {
  const finder = trailerFinder(trailerBytes(trailer));
  for await (const chunk of from) {
    await write(to, finder.push(chunk as Buffer));
    if (finder.found) return;
  }
  await write(to, finder.held);
}

function write(to: Writable, bytes: Buffer): Promise<void> {
  if (bytes.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    to.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

interface Limit {
  readonly promise: Promise<never>;
  readonly cancel: () => void;
}

/** After some milliseconds, rejects with the result of `reason`, if any. */
function limit(milliseconds: number, reason: () => Error | undefined): Limit {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = reason();
      if (error) reject(error);
    }, milliseconds);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

function aborted(signal: AbortSignal | undefined): Limit {
  let onAbort = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort);
  });
  return { promise, cancel: () => signal?.removeEventListener('abort', onAbort) };
}
