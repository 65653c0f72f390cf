// Kill a process with strace at the entry of one particular system call, which is then not executed.

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
/** The calls by which a storage changes anything. */
const CALLS =
  'ioctl,openat,write,fsync,rename,unlink,mkdir,rmdir,mount,umount2,vfork,clone,clone3,ftruncate';

/** Steps of a storage: `['create', 'b', { parent: 'a' }]`. */
export type Steps = readonly (readonly unknown[])[];

/** One system call of a trace. */
export interface TracedCall {
  readonly thread: string;
  /** `'ioctl'` */
  readonly name: string;
  /** Number of the call among those of the same name in its thread, from 1. */
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

/** strace stops only at the traced calls: the program otherwise runs at full speed. */
function strace(file: string, args: readonly string[], program: readonly string[]) {
  return [
    ['-f', '--seccomp-bpf', '-y', '-qq', '-o', file, '-e', 'signal=none', '-e', `trace=${CALLS}`],
    args,
    program,
  ].flat();
}

/** One thread for files: strace counts the calls of each thread separately. */
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

/** Run the steps. @returns the calls that they made */
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

/** A call by its number within its thread; with `path`, by its number among those about this file. */
export interface CallToHold extends Pick<TracedCall, 'name' | 'ordinal'> {
  readonly path?: string;
}

/**
 * Number `call` among those about the file in group 1 of `quoted`: other threads make calls of that name too, and strace
 * holds the first call that reaches the number.
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

/** The result of a run that was to be killed. */
export interface Killed {
  /** Lines that it printed before. */
  readonly printed: readonly string[];
  /** Whether it reached the call. */
  readonly killed: boolean;
  /** The call at which it was killed. */
  readonly last: string;
}

const DELAY_US = 600_000_000;
const LOOK_EVERY_MS = 20;

/**
 * Run the steps, and kill the process when a thread enters its `ordinal`th call of `name`: strace delays that call, so it
 * is not executed. (An injected signal would make strace stop at every call.)
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
    // strace would keep holding the call of the dying process.
    child.kill('SIGKILL');
  }
  const status = await end;
  const killed = last !== '';
  if (!killed) t.is(status, 0, await said);
  return { printed: (await printed).split('\n').filter((line) => line !== ''), killed, last };
}

/** The delayed call, once it exists: a call that has not returned. */
function heldCall(file: string, name: string, ordinal: number): TracedCall | undefined {
  if (!existsSync(file)) return undefined;
  return parseTrace(readFileSync(file, 'utf8')).find(
    (call) => call.name === name && call.ordinal === ordinal && !/\) += /.test(call.text),
  );
}
