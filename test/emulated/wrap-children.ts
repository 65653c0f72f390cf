// Loaded in front of a program: children that are to be Node itself are started through the program that
// EMULATED_NODE names, as an emulated Node cannot be executed by the kernel.

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
