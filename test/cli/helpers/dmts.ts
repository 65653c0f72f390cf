// Runs the built command as a process of its own.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The built command, from the compiled tests' place: build/test/cli/helpers. */
const MAIN = fileURLToPath(new URL('../../../../dist/cli/main.js', import.meta.url));

/** `dist/cli/main.js`. @throws Error when it is not built */
export function mainFile(): string {
  if (existsSync(MAIN)) return MAIN;
  throw new Error(`There is no ${MAIN}: build it with "npm run build"`);
}

/** How a process ended, and what it printed. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to start it. */
export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program, and its words, that runs it. */
  readonly wrapper?: readonly string[];
}

const withoutDebug = (extra: RunOptions['env'] = {}): NodeJS.ProcessEnv => {
  const { DEBUG: _, ...env } = process.env;
  return { ...env, ...extra };
};

/** Run `dmts` to its end. */
export function dmts(args: readonly string[], options: RunOptions = {}): Outcome {
  const { input = '', env, wrapper = [] } = options;
  const [program, ...words] = [...wrapper, process.execPath, mainFile(), ...args];
  const { status, stdout, stderr, error } = spawnSync(program!, words, {
    input,
    env: withoutDebug(env),
    encoding: 'utf8',
  });
  if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  return { status, stdout, stderr };
}

/** A `dmts` that runs. */
export interface Running {
  readonly child: ChildProcess;
  /** Its end. */
  readonly ended: Promise<Outcome & { readonly signal: NodeJS.Signals | null }>;
  /** Resolves once stderr has `text`. */
  readonly says: (text: string) => Promise<void>;
}

/** Start `dmts`, its stdin an open pipe. */
export function startDmts(args: readonly string[], env: RunOptions['env'] = {}): Running {
  const child = spawn(process.execPath, [mainFile(), ...args], { env: withoutDebug(env) });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Outcome & { readonly signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stderr.includes(text)) resolve();
      };
      child.stderr.on('data', look);
      void ended.then(() => reject(new Error(`It ended without saying "${text}": ${stderr}`)));
      look();
    });
  return { child, ended, says };
}
