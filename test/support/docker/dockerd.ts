// A real dockerd with the devicemapper driver, without any network.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, runAnyStatus } from '../../../vm/run.ts';
import { dockerEnvironment } from './environment.ts';
import { limits, until } from './limits.ts';

/** The directory for a daemon's run-time files. */
const RUN = '/run/dmts/dockerd';

/** The directory and the options of a daemon. */
export interface DockerdOptions {
  readonly dataRoot: string;
  /** As in `--storage-opt`. */
  readonly storageOptions: readonly string[];
  /** A program, such as strace, and its arguments, that runs dockerd. */
  readonly under?: readonly string[];
}

/** A daemon that is ready. */
export interface Dockerd extends AsyncDisposable {
  /** Run the client. @returns its output @throws Error with its error output if it fails */
  readonly docker: (...args: readonly string[]) => Promise<string>;
  /** The whole log of the daemon. */
  readonly log: () => string;
  /** Stop it like an init system. Does nothing if it has ended. @throws Error if it does not end cleanly */
  readonly stop: () => Promise<void>;
}

let starts = 0;

/** The end of a log, without the lines of containerd. */
const endOf = (log: string): string =>
  log
    .split('\n')
    .filter((line) => !/module=grpc|containerd\.v1\.|io\.containerd\./.test(line))
    .slice(-60)
    .join('\n');

/**
 * Start a daemon and wait until it is ready.
 *
 * @throws Error with its log if it ends or is not ready in time
 */
export async function startDockerd(options: DockerdOptions): Promise<Dockerd> {
  mkdirSync(RUN, { recursive: true });
  const logFile = join(RUN, `log${process.pid}-${++starts}`);
  const log = (): string => readFileSync(logFile, 'utf8');
  const told = (what: unknown): Error =>
    new Error(`${what instanceof Error ? what.message : what}; dockerd's log:\n${endOf(log())}`);
  const child = spawnDockerd(options, logFile);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ?? `status ${code}`));
  });
  let how: string | undefined;
  void ended.then((words) => {
    how = words;
  });
  const env = dockerEnvironment();
  const host = ['--host', `unix://${RUN}/sock`];

  const end = async (): Promise<void> => {
    if (how !== undefined) return;
    child.kill('SIGTERM');
    try {
      await until('The end of dockerd', limits.stop, () => how !== undefined);
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      throw told(error);
    }
    if (how !== 'status 0') throw told(`dockerd ended with ${how}`);
  };

  try {
    await until('The start of dockerd', limits.start, async () => {
      if (how !== undefined) throw new Error(`dockerd ended with ${how}`);
      return (await runAnyStatus('docker', [...host, 'version'], { env })).status === 0;
    });
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    throw told(error);
  }
  return {
    docker: async (...args) => {
      const signal = AbortSignal.timeout(limits.command);
      try {
        return await run('docker', [...host, ...args], { env, signal });
      } catch (error) {
        const reason = signal.aborted ? 'takes too long' : (error as Error).message;
        throw told(`docker ${args[0]}: ${reason}`);
      }
    },
    log,
    stop: end,
    [Symbol.asyncDispose]: end,
  };
}

function spawnDockerd(options: DockerdOptions, logFile: string): ChildProcess {
  const config = join(RUN, 'daemon.json');
  writeFileSync(config, '{}');
  const [program = 'dockerd', ...before] = [...(options.under ?? []), 'dockerd'];
  const args = [
    ...before,
    ...['--config-file', config],
    ...['--host', `unix://${RUN}/sock`],
    ...['--exec-root', join(RUN, 'exec')],
    ...['--pidfile', join(RUN, 'pid')],
    ...['--data-root', options.dataRoot],
    ...['--storage-driver', 'devicemapper'],
    ...options.storageOptions.flatMap((option) => ['--storage-opt', option]),
    ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
    ...['--ip-forward=false', '--ip-masq=false'],
  ];
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...dockerEnvironment() },
  });
  closeSync(log);
  return child;
}
