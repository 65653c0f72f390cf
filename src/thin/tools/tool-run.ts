// Runs a program, and yields its output line by line while it runs.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { onAbort } from '../../ioctl/input/on-abort.ts';
import { TOOLS_PACKAGE, ToolError } from './tool-error.ts';

/** How to run a program of thin-provisioning-tools. */
export interface ToolOptions {
  /** The directory of the programs. @default the directories of PATH, then /usr/sbin and /sbin */
  readonly toolsDir?: string | undefined;
  /** Kills the program. */
  readonly signal?: AbortSignal | undefined;
}

const STDERR_KEPT = 8192;
const STDERR_SHOWN = 5;

/**
 * Runs a program and yields batches of its output lines. If the reader stops, the program is killed, without waiting for
 * its end: a read of a device can block in the kernel.
 * @throws ToolError ENOENT when the program is not installed, ERR_DMTS_TOOL when it fails; the reason of `signal`
 */
export async function* toolLines(
  program: string,
  args: readonly string[],
  { toolsDir, signal }: ToolOptions = {},
): AsyncGenerator<readonly string[], void> {
  signal?.throwIfAborted();
  const child = spawn(toolsDir === undefined ? program : join(toolsDir, program), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  const stop = (): void => {
    // The programs only read, so they can be killed at any time.
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const stopListening = onAbort(signal, stop);
  const ended = endOf(program, child, child.stderr);
  try {
    const rest = yield* linesOf(child.stdout);
    await ended;
    // A failure in the middle of a line is reported instead of the incomplete line.
    if (rest !== '') yield [rest];
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    stopListening();
    stop();
    child.unref();
  }
}

/** Yields the lines. @returns the rest without a newline */
async function* linesOf(output: Readable): AsyncGenerator<readonly string[], string> {
  // The pieces of the current line, joined once at its end, so that a long line takes linear time.
  let rest: string[] = [];
  for await (const chunk of output.setEncoding('utf8')) {
    const [first = '', ...lines] = String(chunk).split('\n');
    rest.push(first);
    const last = lines.pop();
    if (last === undefined) continue;
    yield [rest.join(''), ...lines];
    rest = [last];
  }
  return rest.join('');
}

/** Resolves when the program exits with status 0. @throws ToolError otherwise */
function endOf(program: string, child: ChildProcess, errors: Readable): Promise<void> {
  let stderr = '';
  errors.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-STDERR_KEPT);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(program, error)));
    child.once('close', (exitCode, killedBy) => {
      if (exitCode === 0) resolve();
      else reject(failed(program, exitCode ?? undefined, killedBy, stderr));
    });
  });
  // The program may fail before anything awaits this promise, or after the reader stopped.
  ended.catch(() => {});
  return ended;
}

function notStarted(program: string, { code }: NodeJS.ErrnoException): ToolError {
  if (code === 'ENOENT') {
    const what = `is not installed: it comes with the package ${TOOLS_PACKAGE}`;
    return new ToolError({ program, code, what });
  }
  return new ToolError({ program, code: 'ERR_DMTS_TOOL', what: `cannot be started: ${code}` });
}

function failed(
  program: string,
  exitCode: number | undefined,
  killedBy: string | null,
  stderr: string,
): ToolError {
  const how =
    killedBy === null ? `failed with exit status ${exitCode}` : `was killed by ${killedBy}`;
  const said = lastLines(stderr);
  const what = said === '' ? how : `${how}: ${said}`;
  return new ToolError({ program, code: 'ERR_DMTS_TOOL', what, exitCode, stderr });
}

/** The last lines of stderr, without the usage that some programs print after them. */
function lastLines(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const usage = lines.findIndex((line) => /^usage:/i.test(line));
  const said = (usage > 0 ? lines.slice(0, usage) : lines).filter((line) => line !== '');
  return said.slice(-STDERR_SHOWN).join('; ');
}
