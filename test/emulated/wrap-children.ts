// Preloaded into a program: child processes that would run Node are started with the program in EMULATED_NODE,
// because the kernel cannot execute an emulated Node.

import { ChildProcess } from 'node:child_process';

interface SpawnOptions {
  readonly file: string;
  readonly args?: readonly string[];
}
const prototype = ChildProcess.prototype as unknown as {
  spawn: (options: SpawnOptions) => number;
};
const { spawn } = prototype;

prototype.spawn = function (options) {
  const node = process.env['EMULATED_NODE'];
  if (!node) return spawn.call(this, options);
  const emulated = (word: string): string => (word === process.execPath ? node : word);
  const { file, args } = options;
  // Node may also be a word of a program that runs it, such as prlimit.
  return spawn.call(this, {
    ...options,
    file: emulated(file),
    ...(args && { args: args.map(emulated) }),
  });
};
