#!/usr/bin/env node
// The process of a run: streams, signals, exit status.

import { isErrno } from '../ioctl/libc/errno.ts';
import { run } from './run.ts';
import { ExitStatus, Interrupted } from './support/exit-status.ts';
import type { Io } from './support/io.ts';

/** A call that is still running this long after Ctrl-C waits for the kernel. */
const PATIENCE_MS = 1000;

const abort = new AbortController();

function interrupt(status: number): void {
  // The next Ctrl-C has its default effect and ends the process at once.
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
  abort.abort(new Interrupted(status));
  const tell = (): void => {
    process.stderr.write('dmts: still waiting for the kernel; press Ctrl-C again to exit now\n');
  };
  setTimeout(tell, PATIENCE_MS).unref();
}
process.on('SIGINT', () => interrupt(ExitStatus.interrupted));
process.on('SIGTERM', () => interrupt(ExitStatus.terminated));

let outputFailed = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // EPIPE: the reader closed the pipe. The command continues without an error.
  if (isErrno(error, 'EPIPE') || outputFailed) return;
  outputFailed = true;
  process.stderr.write(`dmts: cannot write the output: ${error.message}\n`);
  process.exitCode = ExitStatus.failed;
});
process.stderr.on('error', () => undefined);

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  get stdin() {
    return process.stdin;
  },
  env: process.env,
  get isTTY() {
    return process.stdin.isTTY === true;
  },
  signal: abort.signal,
};

/** Node ends the process when nothing is left to wait for, even if the command has not ended. */
function reportUnended(): void {
  process.stderr.write('dmts: internal error: the process stopped before the command ended\n');
  process.exitCode = ExitStatus.failed;
}
process.on('exit', reportUnended);

// The bundle is CommonJS, which has no await here.
void run(process.argv.slice(2), io).then((status) => {
  process.off('exit', reportUnended);
  process.exitCode = status === ExitStatus.ok && outputFailed ? ExitStatus.failed : status;
});
