// Runs a fixture in a child process, for tests that need a process of their own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { comes } from '../comes.ts';

/** A running fixture. The end of the test kills it. */
export interface FixtureProcess {
  /** The next line that it prints. */
  readonly line: () => Promise<string | undefined>;
  /** Its exit status, or the signal that ended it. */
  readonly end: () => Promise<number | string>;
}

/** Options of starting a fixture. */
export interface FixtureOptions {
  readonly args?: readonly string[];
  /** Arguments of Node. */
  readonly execArgv?: readonly string[];
  /** A program that starts Node, with its arguments. */
  readonly through?: readonly string[];
}

/** Start `test/fixtures/NAME`. */
export function startFixture(
  t: ExecutionContext,
  name: string,
  { args = [], execArgv = [], through = [] }: FixtureOptions = {},
): FixtureProcess {
  const path = fileURLToPath(new URL(`../../fixtures/${name}.js`, import.meta.url));
  const [program, ...rest] = [...through, process.execPath, ...execArgv, path, ...args];
  const child = spawn(program!, rest, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    line: async () => (await comes(`a line of ${name}`, lines.next())).value,
    end: async () => {
      const [status, signal] = await comes(`the end of ${name}`, ended);
      return status ?? signal;
    },
  };
}
