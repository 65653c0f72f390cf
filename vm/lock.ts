import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GuestError } from './errors.ts';

/** Exit status we ask of flock(1) when somebody else holds the lock. */
const conflict = 75;

/** How {@link acquireLock} waits. */
export interface LockOptions {
  /** Stops the wait; the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Called once, before waiting, with the holder's pid as the lock file tells it. */
  readonly onWait?: (pid: string) => void;
}

/**
 * Takes the exclusive flock(2) of a file, waiting for it without limit. Released by disposal and, the lock being the
 * kernel's, by the end of this process however it ends: there is no stale lock to detect.
 *
 * @throws GuestError when flock(1) is missing or fails.
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
 * Takes the lock as {@link acquireLock} does, without waiting.
 *
 * @returns undefined while another process holds it.
 * @throws GuestError when flock(1) is missing or fails.
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
 * Node has no flock(2), so cat(1) holds the lock for us, and lets go at the end of its standard input: when we close
 * it or die. It answers one line as soon as flock(1) has become cat. It gets a process group of its own, or Ctrl-C on
 * the terminal would release the lock while we still clean up.
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
  // Writing to a flock that has already given up is no failure of its own.
  child.stdin.on('error', () => {}).write('held\n');
  const stop = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  const held = once(child.stdout, 'data').then(() => 'held' as const);
  // `once` rejects when the stream fails, which `exited` then tells better.
  const outcome = await Promise.race([held.catch(() => exited), exited]);
  signal?.removeEventListener('abort', stop);
  if (signal?.aborted) stop();
  signal?.throwIfAborted();
  if (outcome === conflict) return undefined;
  if (outcome instanceof Error)
    throw new GuestError('flock is not usable: apt-get install util-linux', { cause: outcome });
  if (outcome !== 'held')
    throw new GuestError(`flock ${path} failed with status ${String(outcome)}`);
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}
