// Runs the built program as a separate process.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The built program, relative to the compiled tests: build/test/cli/helpers. */
const MAIN = fileURLToPath(new URL('../../../../dist/cli/main.cjs', import.meta.url));

/** `dist/cli/main.cjs`. @throws Error if it is not built */
export function mainFile(): string {
  if (existsSync(MAIN)) return MAIN;
  throw new Error(`${MAIN} does not exist: build it with "npm run build"`);
}

/** The result of a process. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to start the process. */
export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program, with its arguments, that runs it. */
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

/** A running `dmts`. */
export interface Running {
  readonly child: ChildProcess;
  /** Its result. */
  readonly ended: Promise<Outcome & { readonly signal: NodeJS.Signals | null }>;
  /** Resolves when stderr has `text`. */
  readonly says: (text: string) => Promise<void>;
}

/** Start `dmts` with an open pipe as its stdin. */
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
