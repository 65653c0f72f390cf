// `npm start`: runs the example on this machine if possible, in a guest otherwise.

import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DeviceMapper, isDmError } from 'dmts';
import { runInGuest } from '../vm/guest.ts';

const USAGE = `Usage: npm start -- [--vm] [--yes]

Shows an image and two containers on it, in a thin pool on two loop files.
  --vm    in a guest, even where this kernel could
  --yes   on this machine without asking first`;

/** The reason why this machine cannot run the example; `undefined` if it can. */
async function obstacle(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'we are not root';
  try {
    await using _dm = await DeviceMapper.open();
    return undefined;
  } catch (error) {
    if (!isDmError(error)) throw error;
    return error.hint ?? error.message;
  }
}

async function agreed(): Promise<boolean> {
  if (!stdin.isTTY || !stdout.isTTY) return true;
  const terminal = createInterface({ input: stdin, output: stdout });
  const question =
    'This makes two loop devices, a thin pool and some mounts on this machine, and removes them again. Go on? [y/N] ';
  const answer = await terminal.question(question);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function here(): Promise<void> {
  console.log('Running on this machine.\n');
  await import('./containers.ts');
}

async function inGuest(why: string): Promise<void> {
  console.log(`Running in a guest: ${why}.\n`);
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const { exitCode } = await runInGuest({
    command: [process.execPath, fileURLToPath(new URL('./containers.js', import.meta.url))],
    log: (message) => console.error(`vm: ${message}`),
    signal: interrupt.signal,
  });
  process.exitCode = exitCode;
}

const { values } = parseArgs({
  options: {
    vm: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) console.log(USAGE);
else {
  const why = values.vm ? 'as asked' : await obstacle();
  if (why !== undefined) await inGuest(why);
  else if (values.yes || (await agreed())) await here();
}
