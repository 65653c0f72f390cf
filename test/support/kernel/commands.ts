// Commands of dmts on the running kernel, each in this process: a separate process takes ten times as long.

import type { ExecutionContext } from 'ava';
import type { Outcome } from '../cli/dmts.ts';
import { runHere } from '../cli/in-process.ts';

/** Expect a command to succeed without output. */
export const SILENT: Outcome = { status: 0, stdout: '', stderr: '' };

/** Run a command to its end. */
export const run = (...args: readonly string[]): Promise<Outcome> => runHere(args, '', process.env);

/** Expect the command to succeed without output. */
export async function silently(t: ExecutionContext, ...args: readonly string[]): Promise<void> {
  t.deepEqual(await run(...args), SILENT, args.join(' '));
}

/** Expect the command to succeed. @returns the JSON that it prints */
export async function json<T>(t: ExecutionContext, ...args: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await run(...args, '--json');
  t.is(status, 0, `${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Expect the command to fail with this status, an empty stdout, and the reason without a stack on stderr. */
export async function fails(
  t: ExecutionContext,
  status: number,
  why: RegExp,
  ...args: readonly string[]
): Promise<void> {
  const outcome = await run(...args);
  t.is(outcome.status, status, `${args.join(' ')}: ${outcome.stderr}`);
  t.is(outcome.stdout, '');
  t.regex(outcome.stderr, why);
  t.notRegex(outcome.stderr, /a bug in dmts|\n\s+at /);
}
