import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { errorCode, GuestError } from './errors.ts';

/** Options of {@link run}. */
export interface RunOptions {
  readonly cwd?: string;
  /** Variables in addition to the environment of this process. Messages are always in English. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for the program's standard input. @default /dev/null */
  readonly input?: string;
  /** Kills the program when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Receives each line that the program writes to its file descriptor 3. */
  readonly onStatusLine?: (line: string) => void;
}

/** The result of a program. */
export interface RunResult {
  /** Exit status. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program without a shell and returns its exit status.
 *
 * @throws GuestError if it cannot be started or a signal ends it; the reason of `signal` if that is aborted.
 */
export async function runAnyStatus(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env, LC_ALL: 'C.UTF-8' },
    signal: options.signal,
    stdio: [
      options.input === undefined ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
      options.onStatusLine ? 'pipe' : 'ignore',
    ],
  });
  // Ignore the error of a program that stops reading early: its exit status shows whether it failed.
  child.stdin?.on('error', () => {}).end(options.input);
  const statusStream = child.stdio[3];
  const [stdout, stderr, ended] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | Error>((resolve) => {
      child.once('error', resolve);
      child.once('close', (code, signal) =>
        resolve(code ?? new GuestError(`${file} was killed by ${signal}`)),
      );
    }),
    options.onStatusLine && statusStream
      ? lines(statusStream as Readable, options.onStatusLine)
      : undefined,
  ]);
  options.signal?.throwIfAborted();
  if (errorCode(ended as Error) === 'ENOENT')
    throw new GuestError(`${file} is not installed`, { cause: ended });
  if (ended instanceof Error) throw ended;
  return { status: ended, stdout, stderr };
}

/**
 * Runs a program that must succeed, and returns its standard output.
 *
 * @throws GuestError with the end of its error output if its exit status is not 0.
 */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { status, stdout, stderr } = await runAnyStatus(file, args, options);
  if (status === 0) return stdout;
  const reason = (stderr.trim() || stdout.trim()).split('\n').slice(-12).join('\n');
  throw new GuestError(`${[file, ...args].join(' ')} failed with status ${status}:\n${reason}`);
}

async function text(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function lines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) onLine(line);
  }
}
