// Preloaded into a program: child processes that would run Node are started with the program in EMULATED_NODE,
// because the kernel cannot execute an emulated Node.

import { ChildProcess } from 'node:child_process';

interface SpawnOptions {
  readonly file: string;
}
const prototype = ChildProcess.prototype as unknown as {
  spawn: (options: SpawnOptions) => number;
};
const { spawn } = prototype;

prototype.spawn = function (options) {
  const node = process.env['EMULATED_NODE'];
  const wrapped = options.file === process.execPath && node ? { ...options, file: node } : options;
  return spawn.call(this, wrapped);
};
