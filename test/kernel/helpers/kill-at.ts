// A process ended by strace at the entry of one particular system call, which is not carried out any more.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { scratchDirectory } from './scratch.ts';

const OPERATION = fileURLToPath(new URL('../../fixtures/storage-op.js', import.meta.url));
/** What a storage changes anything with. */
const CALLS =
  'ioctl,openat,write,fsync,rename,unlink,mkdir,rmdir,mount,umount2,vfork,clone,clone3,ftruncate';

/** Steps of a storage: `['create', 'b', { parent: 'a' }]`. */
export type Steps = readonly (readonly unknown[])[];

/** One system call of a trace. */
export interface TracedCall {
  readonly thread: string;
  /** `'ioctl'` */
  readonly name: string;
  /** Which of its thread's calls of that name it is, from 1. */
  readonly ordinal: number;
  /** The line of the trace. */
  readonly text: string;
}

const command = (root: string, steps: Steps, options: readonly string[]): readonly string[] => [
  process.execPath,
  OPERATION,
  root,
  JSON.stringify(steps),
  ...options,
];

function strace(t: ExecutionContext, args: readonly string[], program: readonly string[]) {
  const file = join(scratchDirectory(t), 'trace');
  const { stdout, stderr, signal, status } = spawnSync(
    'strace',
    ['-f', '-y', '-qq', '-o', file, '-e', 'signal=none', ...args, ...program],
    // One thread for files: strace counts each thread's calls by themselves.
    { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' } },
  );
  return {
    stdout,
    stderr,
    killed: signal === 'SIGKILL' || status === 137,
    status,
    trace: readFileSync(file, 'utf8'),
  };
}

function parseTrace(trace: string): readonly TracedCall[] {
  const counts = new Map<string, number>();
  return trace.split('\n').flatMap((text) => {
    const match = /^(\d+) +(\w+)\(/.exec(text);
    if (!match) return [];
    const [, thread = '', name = ''] = match;
    const key = `${thread} ${name}`;
    const ordinal = (counts.get(key) ?? 0) + 1;
    counts.set(key, ordinal);
    return [{ thread, name, ordinal, text }];
  });
}

/** Carry out steps, and give the calls they took. */
export function traceSteps(
  t: ExecutionContext,
  root: string,
  steps: Steps,
  options: readonly string[],
): readonly TracedCall[] {
  const { status, stderr, trace } = strace(
    t,
    ['-e', `trace=${CALLS}`],
    command(root, steps, options),
  );
  t.is(status, 0, stderr);
  return parseTrace(trace);
}

/**
 * Carry out steps, and end the process at the call that is `name`'s number `ordinal` of its thread.
 * @returns what it printed before, and whether it was ended at all
 */
export function killAt(
  t: ExecutionContext,
  root: string,
  steps: Steps,
  options: readonly string[],
  { name, ordinal }: Pick<TracedCall, 'name' | 'ordinal'>,
): { readonly printed: readonly string[]; readonly killed: boolean; readonly last: string } {
  // Not with --seccomp-bpf: strace does not send the signal then.
  const inject = ['-e', `trace=${CALLS}`, '-e', `inject=${name}:signal=KILL:when=${ordinal}`];
  const { stdout, killed, trace, status, stderr } = strace(
    t,
    inject,
    command(root, steps, options),
  );
  if (!killed) t.is(status, 0, stderr);
  const last =
    trace
      .split('\n')
      .filter((line) => /^\d+ +\w+\(/.test(line))
      .at(-1) ?? '';
  return { printed: stdout.split('\n').filter((line) => line !== ''), killed, last };
}
