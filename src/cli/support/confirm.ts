// Confirmation of actions that cannot be undone.

import { createInterface } from 'node:readline/promises';
import { CommandError, ExitStatus, NotBegun, UsageError } from './exit-status.ts';
import type { Io } from './io.ts';

/**
 * Prints what will happen, and asks for confirmation. @throws CommandError with `otherwise` unless the answer is yes
 */
export async function askYes(io: Io, what: string, otherwise: string): Promise<void> {
  io.stderr.write(`${what}\nContinue? [y/N] `);
  const lines = createInterface({ input: io.stdin, signal: io.signal });
  try {
    for await (const answer of lines) {
      if (/^y(es)?$/i.test(answer.trim())) return;
      break;
    }
  } catch (error) {
    if (!io.signal.aborted) throw error;
  } finally {
    lines.close();
  }
  if (io.signal.aborted) {
    // The terminal has echoed ^C after the question.
    io.stderr.write('\n');
    throw new NotBegun(otherwise);
  }
  throw new CommandError(otherwise, ExitStatus.failed);
}

/** An action that needs confirmation. */
export interface Confirmation {
  /** The expected value of `--confirm`. */
  readonly name: string;
  /** The value of `--confirm`, if given. */
  readonly given: string | undefined;
  /** What will happen, as a sentence in lower case: `this deletes …`. */
  readonly what: string;
  /** The message if the answer is no. */
  readonly otherwise: string;
}

/** The option that confirms. */
export const CONFIRM: readonly [flags: string, description: string] = [
  '--confirm <name>',
  'confirm without a question; without a terminal, the error message names the required NAME',
];

/** Rejects an action that cannot be confirmed. @throws UsageError that names the missing option */
export function demandConfirmable(
  { isTTY }: Io,
  { name, given, what }: Omit<Confirmation, 'otherwise'>,
): void {
  if (given !== undefined && given !== name) {
    throw new UsageError(`invalid --confirm: expected "${name}", got "${given}"`);
  }
  if (given === undefined && !isTTY) {
    throw new UsageError(`${what}; to confirm, add --confirm ${name}`);
  }
}

/** Requires confirmation, by the option or on the terminal. @throws UsageError or CommandError without it */
export async function confirm(io: Io, confirmation: Confirmation): Promise<void> {
  demandConfirmable(io, confirmation);
  if (confirmation.given === undefined) {
    const { what, otherwise } = confirmation;
    await askYes(io, what[0]!.toUpperCase() + what.slice(1), otherwise);
  }
}
