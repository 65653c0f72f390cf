// One run of dmts, from the arguments to the exit status.

import {
  complain,
  ExitStatus,
  exitStatusOf,
  Interrupted,
  NotBegun,
} from './support/exit-status.ts';
import type { Io } from './support/io.ts';
import { printVersion } from './system/print-version.ts';

/** Runs the command line `argv` and returns the exit status. Never rejects. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    // The only command that runs without a parser.
    if (argv.length === 1 && argv[0] === 'version') await printVersion(io);
    else await (await import('./program.ts')).runProgram(argv, io);
    return ExitStatus.ok;
  } catch (error) {
    if (io.signal.aborted) return await tellInterrupted(argv, io, error);
    complain(error, io);
    return exitStatusOf(error);
  }
}

async function tellInterrupted(argv: readonly string[], io: Io, error: unknown): Promise<number> {
  const [{ leftBehind }, { commands }, { verbFirst }] = await Promise.all([
    import('./support/command-tree.ts'),
    import('./commands.ts'),
    import('./argv.ts'),
  ]);
  const isBegun = !(error instanceof NotBegun);
  const left = isBegun ? await leftBehind(verbFirst(argv), commands) : error.message;
  io.stderr.write(`dmts: interrupted: ${left ?? 'nothing was changed'}\n`);
  const reason: unknown = io.signal.reason;
  return reason instanceof Interrupted ? reason.status : ExitStatus.interrupted;
}
