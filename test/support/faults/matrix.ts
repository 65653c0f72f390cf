// The fault matrix: each call of an operation fails with each errno. Checks what must hold afterwards.

import { isDeepStrictEqual } from 'node:util';
import { DmError, DmtsError } from '../../../src/index.ts';
import { isSameErrno } from '../../../src/ioctl/libc/errno.ts';
import { type CallName, ERRNOS } from './calls.ts';
import { whyDone } from './expected.ts';
import type { Fault, FaultMode, FaultyTransport } from './faulty-transport.ts';

/** What the operations work on: a storage directory or a pool. */
export interface Subject {
  readonly transport: FaultyTransport;
  /** What is not as it must be between two operations: a suspended device, a loop device too many, … */
  readonly look: () => Promise<readonly string[]>;
  /** Repairs it as its next user does: opens it again, and follows the hint of the error. */
  readonly recover: (error: unknown) => Promise<void>;
  /** Makes it anew, in any state. */
  readonly renew: () => Promise<void>;
}

/** An operation on a subject. */
export interface Operation<S extends Subject> {
  readonly title: string;
  /** Brings the subject into the state before the operation, from the state before or after it. */
  readonly prepare: (subject: S) => Promise<void>;
  readonly run: (subject: S) => Promise<unknown>;
  /** Whether the state is that after the operation. */
  readonly isDone: (subject: S) => boolean | Promise<boolean>;
  /** An operation that fails may still be done: what it did cannot be undone. @default false */
  readonly mayBeDone?: boolean;
}

/**
 * What a fault led to: `'done'`: the operation succeeded. `'error'`: it failed, and everything is as before. `'late error'`: it
 * failed after its effect. `'next open'`: it failed, and the next open or the next call repairs what the fault left.
 */
export type Result = 'done' | 'error' | 'late error' | 'next open';

/** One case of the matrix. */
export interface Row extends Fault {
  readonly operation: string;
  readonly result: Result;
  /** Why success is right. */
  readonly why?: string | undefined;
}

/** The rows of an operation, and what was wrong, one sentence each. */
export interface Matrix {
  readonly rows: readonly Row[];
  readonly wrong: readonly string[];
}

/** An operation that waits for a holder takes 20 seconds, and its roll back may wait once more. */
const LIMIT_MS = 60_000;

/** The errnos of a call in a mode. A lost answer and a repeated fault do not depend on the errno's meaning. */
function errnosOf(call: CallName, mode: FaultMode): readonly string[] {
  const all = ERRNOS[call];
  if (mode === 'refused') return all;
  if (mode === 'lost') return ['ENOMEM', 'EINTR'];
  return all.filter((errno) => errno === 'ENOMEM' || errno === 'EBUSY');
}

/** The result of a promise or its error, within the limit. */
async function settle(task: () => Promise<unknown>): Promise<{ readonly error?: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it takes more than ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    await Promise.race([task(), late]);
    return {};
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

/** An error and its causes. */
function* chain(error: unknown): Generator<unknown> {
  for (let at = error; at !== undefined; at = (at as { cause?: unknown }).cause) yield at;
}

/** Errnos by which the kernel says what does not exist. An error in the words of the library replaces them. */
const STATEMENTS: readonly string[] = ['ENXIO', 'ENODATA'];

/** What is wrong with the error of an operation: it must be the library's, and say which call failed, with which errno. */
function wrongError(error: unknown, { errno }: Fault): string | undefined {
  if (!(error instanceof DmtsError)) return `the error is not the library's: ${error}`;
  const kernels = [...chain(error)]
    .filter((cause) => cause instanceof DmError)
    .find(({ code }) => isSameErrno(code, errno));
  if (kernels === undefined) {
    return STATEMENTS.includes(errno) ? undefined : `it does not keep the code: ${error}`;
  }
  const { command, device } = kernels;
  if (command === undefined) return `it names no command: ${error}`;
  const needsDevice = !/VERSION|LIST/.test(command);
  return needsDevice && device === undefined ? `it names no device: ${error}` : undefined;
}

const describe = ({ call, number, errno, mode }: Fault): string =>
  `${mode} ${errno} of ${call} number ${number + 1}`;

/** Runs an operation with a fault. @returns its result, and what was wrong */
async function tryFault<S extends Subject>(
  subject: S,
  operation: Operation<S>,
  fault: Fault,
): Promise<{ readonly row: Row; readonly wrong: readonly string[] }> {
  const { title, run, isDone, mayBeDone = false } = operation;
  const wrong: string[] = [];
  const note = (text: string | undefined): void => {
    if (text !== undefined) wrong.push(`${title}, ${describe(fault)}: ${text}`);
  };
  const before = await subject.look();
  subject.transport.begin(fault);
  const outcome = await settle(() => run(subject));
  const calls = subject.transport.end();
  if (calls.filter((name) => name === fault.call).length <= fault.number) note('it is not met');
  const failed = 'error' in outcome;
  const rule = failed ? undefined : whyDone(title, fault);
  if (failed) note(wrongError(outcome.error, fault));
  else if (rule === undefined) note('it succeeds, and no rule says why');
  const done = await isDone(subject);
  if (!failed && !done && !rule?.believed) note('it succeeds without its effect');
  const now = await subject.look();
  const left = now.filter((problem) => !before.includes(problem));
  // What an open had to repair.
  const kept = now.filter((problem) => before.includes(problem));
  if (!failed && kept.length > 0) {
    if (!rule?.believed) note(`it succeeds and repairs not: ${kept.join(', ')}`);
    await subject.renew();
  }
  if (left.length > 0) {
    if (!failed) note(`it succeeds and leaves: ${left.join(', ')}`);
    await subject.recover(outcome.error);
  }
  let isRepaired = left.length > 0;
  const isUnknown = fault.mode === 'repeated' && fault.call === 'status';
  if (failed && left.length === 0 && done && !mayBeDone && !isUnknown)
    note('it fails with its effect');
  if (failed && !(await isDone(subject))) {
    let again = await settle(() => run(subject));
    if ('error' in again && (left.length > 0 || fault.mode === 'repeated')) {
      isRepaired = true;
      await subject.recover(again.error);
      again = await settle(() => run(subject));
    }
    if ('error' in again) note(`it fails again: ${again.error}`);
    else if (!(await isDone(subject))) note('its repetition has no effect');
  }
  for (const problem of await subject.look()) note(`it stays: ${problem}`);
  const result: Result = isRepaired
    ? 'next open'
    : !failed
      ? 'done'
      : done
        ? 'late error'
        : 'error';
  return { row: { ...fault, operation: title, result, why: rule?.why }, wrong };
}

/** The faults of an operation whose calls are `calls`. */
function faultsOf(
  calls: readonly CallName[],
  mode: FaultMode,
  perCall = Number.POSITIVE_INFINITY,
): readonly Fault[] {
  const seen = new Map<CallName, number>();
  return calls.flatMap((call) => {
    const number = seen.get(call) ?? 0;
    seen.set(call, number + 1);
    return errnosOf(call, mode)
      .slice(0, perCall)
      .map((errno) => ({ call, number, errno, mode }));
  });
}

/** How much of the matrix is run. */
export interface MatrixOptions {
  readonly modes: readonly FaultMode[];
  /** The number of errnos for each call. @default all */
  readonly perCall?: number;
}

/** Runs an operation once for each fault. */
export async function runMatrix<S extends Subject>(
  subject: S,
  operation: Operation<S>,
  { modes, perCall }: MatrixOptions,
): Promise<Matrix> {
  const calls = await callsOf(subject, operation);
  const rows: Row[] = [];
  const wrong: string[] = [];
  for (const fault of modes.flatMap((mode) => faultsOf(calls, mode, perCall))) {
    try {
      await operation.prepare(subject);
      const found = await tryFault(subject, operation, fault);
      rows.push(found.row);
      wrong.push(...found.wrong);
      if (found.wrong.length > 0) await subject.renew();
    } catch (error) {
      wrong.push(
        `${operation.title}, ${describe(fault)}: the check fails: ${(error as Error).message}`,
      );
      await subject.renew();
    }
  }
  return { rows, wrong };
}

/** The calls of an operation without a fault. The first run of an operation may load a module or fill a cache. */
async function callsOf<S extends Subject>(
  subject: S,
  { title, prepare, run, isDone }: Operation<S>,
): Promise<readonly CallName[]> {
  const runs: (readonly CallName[])[] = [];
  while (runs.length < 2 || !isDeepStrictEqual(runs.at(-1), runs.at(-2))) {
    if (runs.length === 5) throw new Error(`${title}: its calls differ: ${JSON.stringify(runs)}`);
    await prepare(subject);
    subject.transport.begin();
    await run(subject);
    runs.push(subject.transport.end());
    if (!(await isDone(subject))) throw new Error(`${title}: it has no effect`);
    const left = await subject.look();
    if (left.length > 0) throw new Error(`${title}: it leaves: ${left.join(', ')}`);
  }
  return runs.at(-1)!;
}
