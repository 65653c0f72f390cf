// dmts completion

import { type Command, InvalidArgumentError } from 'commander';
import type { CommandEntries } from '../support/command-entry.ts';
import { addCommands } from '../support/command-tree.ts';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { completionScripts, type Shell } from './completion-scripts.ts';

const SHELLS = Object.keys(completionScripts);

/** `dmts completion` */
export function define(program: Command, io: Io, all: CommandEntries): void {
  describe(program, {
    name: 'completion',
    details: 'The script completes commands, options, and device names as "dmts ls" prints them.',
    examples: [
      'dmts completion bash > /etc/bash_completion.d/dmts',
      'dmts completion zsh > ~/.zfunc/_dmts',
      'dmts completion fish > ~/.config/fish/completions/dmts.fish',
    ],
  })
    .argument('<shell>', SHELLS.join(', '), (word): Shell => {
      if (!SHELLS.includes(word)) {
        throw new InvalidArgumentError(`Expected ${SHELLS.join(', ')}.`);
      }
      return word as Shell;
    })
    .action(async (shell: Shell) => {
      const whole = program.createCommand('dmts').enablePositionalOptions();
      await addCommands(whole, all, [], io);
      io.stdout.write(completionScripts[shell](whole));
    });
}
