#!/usr/bin/env node
// The process around a run: its streams, its signals, its exit status.

import { isErrno } from '../ioctl/errno.ts';
import { ExitStatus, Interrupted } from './exit-status.ts';
import { run } from './run.ts';

/** A call that has not ended so long after Ctrl-C is held by the kernel. */
const PATIENCE_MS = 1000;

const abort = new AbortController();

function interrupt(status: number): void {
  // The next one has its default effect: the end, at once.
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
  abort.abort(new Interrupted(status));
  const tell = (): void => {
    process.stderr.write('dmts: the kernel has not let go yet; Ctrl-C again ends dmts at once\n');
  };
  setTimeout(tell, PATIENCE_MS).unref();
}
process.on('SIGINT', () => interrupt(ExitStatus.interrupted));
process.on('SIGTERM', () => interrupt(ExitStatus.terminated));

let outputFailed = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Nobody reads any more: no reason to stop half-way, and none to speak of.
  if (isErrno(error, 'EPIPE') || outputFailed) return;
  outputFailed = true;
  process.stderr.write(`dmts: the output could not be written: ${error.message}\n`);
  process.exitCode = ExitStatus.failed;
});
process.stderr.on('error', () => undefined);

const status = await run(process.argv.slice(2), {
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
});
process.exitCode = status === ExitStatus.ok && outputFailed ? ExitStatus.failed : status;
