// A process ended by strace at the entry of one particular system call, which is not carried out any more.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** strace stops only at the calls that it is to show: everything else runs at full speed. */
function strace(file: string, args: readonly string[], program: readonly string[]) {
  return [
    ['-f', '--seccomp-bpf', '-y', '-qq', '-o', file, '-e', 'signal=none', '-e', `trace=${CALLS}`],
    args,
    program,
  ].flat();
}

/** One thread for files: strace counts each thread's calls by themselves. */
const ENV = { ...process.env, UV_THREADPOOL_SIZE: '1' };

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
  const file = join(scratchDirectory(t), 'trace');
  const program = command(root, steps, options);
  const { status, stderr } = spawnSync('strace', strace(file, [], program), {
    encoding: 'utf8',
    env: ENV,
  });
  t.is(status, 0, stderr);
  return parseTrace(readFileSync(file, 'utf8'));
}

/** A call, by its number among those of its thread; with a path, among those of them that are about this file. */
export interface CallToHold extends Pick<TracedCall, 'name' | 'ordinal'> {
  readonly path?: string;
}

/**
 * The same call among those about the file in `quoted`, its first group: other threads make calls of that name as well, and
 * the first to come to the number is held.
 */
export function amongItsFiles(
  calls: readonly TracedCall[],
  call: TracedCall,
  quoted: RegExp,
): CallToHold {
  const path = quoted.exec(call.text)?.[1];
  if (path === undefined) throw new Error(`no file in ${call.text}`);
  const before = calls.slice(0, calls.indexOf(call) + 1);
  const same = before.filter(
    ({ name, thread, text }) => name === call.name && thread === call.thread && text.includes(path),
  );
  return { name: call.name, ordinal: same.length, path };
}

/** How a process that was to be ended fared. */
export interface Killed {
  /** What it printed before. */
  readonly printed: readonly string[];
  /** Whether it came so far. */
  readonly killed: boolean;
  /** The call that it was ended at. */
  readonly last: string;
}

const DELAY_US = 600_000_000;
const LOOK_EVERY_MS = 20;

/**
 * Carry out steps, and end the process when it enters the call that is `name`'s number `ordinal` of its thread: strace
 * holds that back, so it is not carried out. (A signal of strace's own would cost a stop at every call there is.)
 */
export async function killAt(
  t: ExecutionContext,
  root: string,
  steps: Steps,
  options: readonly string[],
  { name, ordinal, path }: CallToHold,
): Promise<Killed> {
  const file = join(scratchDirectory(t), 'trace');
  const inject = `inject=${name}:delay_enter=${DELAY_US}:when=${ordinal}`;
  const only = path === undefined ? [] : ['-P', path];
  const args = strace(file, [...only, '-e', inject], command(root, steps, options));
  const child = spawn('strace', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: ENV,
  });
  let ended = false;
  const end = once(child, 'close').then(([status]) => {
    ended = true;
    return status as number | null;
  });
  const printed = text(child.stdout);
  const said = text(child.stderr);
  let last = '';
  while (!ended && last === '') {
    await sleep(LOOK_EVERY_MS);
    last = heldCall(file, name, ordinal)?.text ?? '';
  }
  if (last !== '') {
    execFileSync('pkill', ['--signal', 'KILL', '--parent', String(child.pid)]);
    // It would go on holding the call of a process that is dying.
    child.kill('SIGKILL');
  }
  const status = await end;
  const killed = last !== '';
  if (!killed) t.is(status, 0, await said);
  return { printed: (await printed).split('\n').filter((line) => line !== ''), killed, last };
}

/** The call that is held back, once it is: one that has not ended. */
function heldCall(file: string, name: string, ordinal: number): TracedCall | undefined {
  if (!existsSync(file)) return undefined;
  return parseTrace(readFileSync(file, 'utf8')).find(
    (call) => call.name === name && call.ordinal === ordinal && !/\) += /.test(call.text),
  );
}
