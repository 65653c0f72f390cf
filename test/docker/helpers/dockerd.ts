// A real dockerd with the devicemapper driver, without any network.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, runAnyStatus } from '../../../vm/run.ts';
import { dockerEnvironment } from './environment.ts';
import { limits, until } from './limits.ts';

/** Where a daemon keeps what it needs while it runs. */
const RUN = '/run/dmts/dockerd';

/** On which directory, and how. */
export interface DockerdOptions {
  readonly dataRoot: string;
  /** As in `--storage-opt`. */
  readonly storageOptions: readonly string[];
  /** A program and its arguments to start dockerd under, such as strace. */
  readonly under?: readonly string[];
}

/** A daemon that answers. */
export interface Dockerd extends AsyncDisposable {
  /** What the client prints. @throws Error with its error output when it fails */
  readonly docker: (...args: readonly string[]) => Promise<string>;
  /** All that the daemon has logged. */
  readonly log: () => string;
  /** End it as an init system would. Does nothing once it has ended. @throws Error when it does not end cleanly */
  readonly stop: () => Promise<void>;
}

let starts = 0;

/** The end of a log, without what containerd tells of itself. */
const endOf = (log: string): string =>
  log
    .split('\n')
    .filter((line) => !/module=grpc|containerd\.v1\.|io\.containerd\./.test(line))
    .slice(-60)
    .join('\n');

/**
 * Start a daemon and wait until it answers.
 *
 * @throws Error with its log when it ends or does not answer in time.
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
