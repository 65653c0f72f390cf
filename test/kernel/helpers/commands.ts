// Commands of dmts on the kernel below, each in this process: a process of its own takes ten times as long.

import type { ExecutionContext } from 'ava';
import type { Outcome } from '../../cli/helpers/dmts.ts';
import { runHere } from '../../cli/helpers/in-process.ts';

/** A command that succeeds and prints nothing. */
export const SILENT: Outcome = { status: 0, stdout: '', stderr: '' };

/** Run a command to its end. */
export const run = (...args: readonly string[]): Promise<Outcome> => runHere(args, '', process.env);

/** The command succeeds and prints nothing. */
export async function silently(t: ExecutionContext, ...args: readonly string[]): Promise<void> {
  t.deepEqual(await run(...args), SILENT, args.join(' '));
}

/** The command succeeds. @returns the JSON that it prints */
export async function json<T>(t: ExecutionContext, ...args: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await run(...args, '--json');
  t.is(status, 0, `${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** The command fails with this status, prints nothing on stdout, and gives the reason on stderr without a stack. */
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
