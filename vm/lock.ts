import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GuestError } from './errors.ts';

/** Exit status of flock(1) if another process holds the lock. */
const conflict = 75;

/** Options of {@link acquireLock}. */
export interface LockOptions {
  /** Ends the wait. The reason of the signal is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Called once before waiting, with the holder's pid from the lock file. */
  readonly onWait?: (pid: string) => void;
}

/**
 * Takes the exclusive flock(2) of a file and waits for it without a limit. Disposal releases it. The kernel releases it
 * at any end of this process, so locks cannot become stale.
 *
 * @throws GuestError if flock(1) is missing or fails.
 */
export async function acquireLock(
  path: string,
  { signal, onWait }: LockOptions = {},
): Promise<AsyncDisposable> {
  const free = await tryLock(path, signal);
  if (free) return free;
  onWait?.((await readFile(path, 'utf8')).trim() || 'unknown');
  const held = await hold(path, [], signal);
  if (held === undefined) throw new GuestError(`cannot lock ${path}`);
  await writeFile(path, `${process.pid}\n`);
  return held;
}

/**
 * Like {@link acquireLock}, but without waiting.
 *
 * @returns undefined if another process holds the lock.
 * @throws GuestError if flock(1) is missing or fails.
 */
export async function tryLock(
  path: string,
  signal?: AbortSignal,
): Promise<AsyncDisposable | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const held = await hold(path, ['--nonblock'], signal);
  if (held) await writeFile(path, `${process.pid}\n`);
  return held;
}

/**
 * Node has no flock(2), so a cat(1) holds the lock and releases it at the end of its standard input: when this process
 * closes it or dies. It prints one line as soon as flock(1) has executed it. It has its own process group; otherwise
 * Ctrl-C on the terminal would release the lock during the cleanup.
 */
async function hold(
  path: string,
  mode: readonly string[],
  signal: AbortSignal | undefined,
): Promise<AsyncDisposable | undefined> {
  signal?.throwIfAborted();
  const args = ['--exclusive', '--no-fork', `--conflict-exit-code=${conflict}`, ...mode];
  const child = spawn('flock', [...args, path, 'cat'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | Error>((resolve) => {
    child.once('error', resolve);
    child.once('exit', (code) => resolve(code ?? new GuestError('flock was killed')));
  });
  // Ignore an error of writing to a flock that has already exited.
  child.stdin.on('error', () => {}).write('held\n');
  const stop = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  const held = once(child.stdout, 'data').then(() => 'held' as const);
  // `once` rejects if the stream fails; `exited` has the better error.
  const outcome = await Promise.race([held.catch(() => exited), exited]);
  signal?.removeEventListener('abort', stop);
  if (signal?.aborted) stop();
  signal?.throwIfAborted();
  if (outcome === conflict) return undefined;
  if (outcome instanceof Error)
    throw new GuestError('cannot run flock. Install it: apt-get install util-linux', {
      cause: outcome,
    });
  if (outcome !== 'held')
    throw new GuestError(`flock ${path} failed with status ${String(outcome)}`);
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}
