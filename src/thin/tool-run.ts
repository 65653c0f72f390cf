// A program's output, line by line while it runs.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { TOOLS_PACKAGE, ToolError } from './tool-error.ts';

/** How to run a program of thin-provisioning-tools. */
export interface ToolOptions {
  /** The directory of the programs. @default those of PATH, then /usr/sbin and /sbin */
  readonly toolsDir?: string | undefined;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
}

const STDERR_KEPT = 8192;
const STDERR_SHOWN = 5;

/**
 * Run a program and give the lines of its output, some at a time, as they come. Whoever stops reading ends it; it is
 * not waited for then, as a read of a device can be stuck in the kernel.
 * @throws ToolError ENOENT where there is no such program, ERR_DMTS_TOOL where it fails; the reason of `signal`
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
    // Whatever it was still reading: the programs leave nothing half done.
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  };
  signal?.addEventListener('abort', stop, { once: true });
  const ended = endOf(program, child, child.stderr);
  try {
    const rest = yield* linesOf(child.stdout);
    await ended;
    // Of a program that fails in the middle of a line, the failure is worth more than the half line.
    if (rest !== '') yield [rest];
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
    child.unref();
  }
}

/** The lines; at the end, what is left without a newline. */
async function* linesOf(output: Readable): AsyncGenerator<readonly string[], string> {
  // The pieces of a line that has not ended yet: put together once, however long it gets.
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

/** Settles when the program has ended. */
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
  // It may end before anybody waits for it, and nobody does who has stopped reading.
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
  const how = killedBy === null ? `failed with exit status ${exitCode}` : `ended by ${killedBy}`;
  const said = lastLines(stderr);
  const what = said === '' ? how : `${how}: ${said}`;
  return new ToolError({ program, code: 'ERR_DMTS_TOOL', what, exitCode, stderr });
}

/** What it said last, without the usage that some say after it. */
function lastLines(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const usage = lines.findIndex((line) => /^usage:/i.test(line));
  const said = (usage > 0 ? lines.slice(0, usage) : lines).filter((line) => line !== '');
  return said.slice(-STDERR_SHOWN).join('; ');
}
