// Asking before something is done that cannot be undone.

import { createInterface } from 'node:readline/promises';
import { CommandError, ExitStatus, NotBegun, UsageError } from './exit-status.ts';
import type { Io } from './io.ts';

/** Say what will be done, and go on only if the answer is yes. @throws CommandError with `otherwise` */
export async function askYes(io: Io, what: string, otherwise: string): Promise<void> {
  io.stderr.write(`${what}\nGo on? [y/N] `);
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
    // The terminal has shown ^C behind the question.
    io.stderr.write('\n');
    throw new NotBegun(otherwise);
  }
  throw new CommandError(otherwise, ExitStatus.failed);
}

/** Something that must be confirmed. */
export interface Confirmation {
  /** What must come after `--confirm`. */
  readonly name: string;
  /** The value of `--confirm`, if it is there. */
  readonly given: string | undefined;
  /** What will be done, as a sentence that begins small: `this deletes …`. */
  readonly what: string;
  /** What is said when the answer is no. */
  readonly otherwise: string;
}

/** The option that confirms. */
export const CONFIRM: readonly [flags: string, description: string] = [
  '--confirm <name>',
  'do not ask: NAME says what is meant',
];

/** Refuse at once what could never be confirmed. @throws UsageError that says what to add */
export function demandConfirmable(
  { isTTY }: Io,
  { name, given, what }: Omit<Confirmation, 'otherwise'>,
): void {
  if (given !== undefined && given !== name) {
    throw new UsageError(`--confirm says "${given}", and this is about "${name}"`);
  }
  if (given === undefined && !isTTY) {
    throw new UsageError(`${what}: if that is meant, add --confirm ${name}`);
  }
}

/** Go on only if it is confirmed, by the option or by whoever sits at the terminal. */
export async function confirm(io: Io, confirmation: Confirmation): Promise<void> {
  demandConfirmable(io, confirmation);
  if (confirmation.given === undefined) {
    const { what, otherwise } = confirmation;
    await askYes(io, what[0]!.toUpperCase() + what.slice(1), otherwise);
  }
}
