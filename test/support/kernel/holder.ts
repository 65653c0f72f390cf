// Holders of a mounted directory: a process that works in it, or one that has it mounted in a private mount namespace.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';

/** A process that holds something until it is released. */
export interface UseOfMount {
  readonly pid: number;
  readonly release: () => Promise<void>;
}

async function started(t: ExecutionContext, child: ChildProcess): Promise<UseOfMount> {
  const ended = once(child, 'exit');
  const release = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  t.teardown(release);
  await once(child.stdout!, 'data');
  return { pid: child.pid!, release };
}

const STDIO = ['ignore', 'pipe', 'inherit'] as const;
const STAY = 'echo; exec sleep 1000';

/** A process whose working directory is `directory`. */
export const workIn = (t: ExecutionContext, directory: string): Promise<UseOfMount> =>
  started(t, spawn('sh', ['-c', STAY], { cwd: directory, stdio: [...STDIO] }));

/** A process with a private mount namespace, in which `directory` is open. */
export const useInNamespace = (t: ExecutionContext, directory: string): Promise<UseOfMount> =>
  started(
    t,
    spawn(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', `cd "$0" && ${STAY}`, directory],
      {
        stdio: [...STDIO],
      },
    ),
  );

/** A process with a private mount namespace: all current mounts remain in it. */
export const keepInNamespace = (t: ExecutionContext): Promise<UseOfMount> =>
  started(
    t,
    spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', STAY], {
      stdio: [...STDIO],
    }),
  );
