// Runs the unit tests of src/ioctl on other processors, and checks that dmts rejects those it does not support:
// npm run test:arm64, npm run test:emulated. The arguments are names as in process.arch; the default is all.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cacheDirectory, temporaryDirectory } from '../../vm/cache.ts';
import { GuestError } from '../../vm/errors.ts';
import { checkMachine, readOsRelease } from '../../vm/packages.ts';
import { run } from '../../vm/run.ts';
import { refusedCalls } from '../support/refused-calls.ts';
import { ARCHITECTURES, type EmulatedArchitecture } from './architectures.ts';
import { LEFT_OUT } from './left-out.ts';
import { type EmulatedCheckout, prepareCheckout } from './machine.ts';

const log = (message: string): void => console.log(message);
const cache = cacheDirectory();

/** Run ava in `checkout`. Ava runs on this machine's Node; each test file is emulated. @returns the exit status */
async function runTests({ directory, node }: EmulatedCheckout): Promise<number> {
  for (const { title, reason } of LEFT_OUT) log(`left out: ${title}: ${reason}`);
  const preload = `--import=${join(directory, 'build/test/emulated/wrap-children.js')}`;
  const ava = join(directory, 'node_modules/ava/entrypoints/cli.mjs');
  const without = LEFT_OUT.map(({ title }) => `--match=!${title}`);
  const args = [
    ava,
    '--timeout=15m',
    '--concurrency=2',
    ...without,
    'build/test/unit/ioctl/**/*.test.js',
  ];
  const child = spawn(process.execPath, args, {
    cwd: directory,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, EMULATED_NODE: node, NODE_OPTIONS: preload },
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return status ?? 1;
}

/** Check that every system call is rejected, and that everything else works. */
async function seeRefusals(
  { directory, node }: EmulatedCheckout,
  { arch }: EmulatedArchitecture,
): Promise<void> {
  const program = join(directory, 'build/test/fixtures/any-system.js');
  const { devices, busy, ...calls } = JSON.parse(await run(node, [program])) as Readonly<
    Record<string, unknown>
  >;
  assert.deepEqual(devices, ['data']);
  assert.match(String(busy), /^DmError: EBUSY/);
  assert.deepEqual(calls, refusedCalls('linux', arch));
}

/** @throws AssertionError if the processor does not behave as listed */
async function check(architecture: EmulatedArchitecture): Promise<void> {
  const { arch, claim } = architecture;
  await using work = await temporaryDirectory(join(cache, 'emulated'));
  const checkout = await prepareCheckout(work.path, architecture, { cache, log });
  const version = await run(checkout.node, ['-p', 'process.arch + " " + process.version']);
  log(`\n${version.trim()}: ${claim}`);
  if (claim === 'supported') assert.equal(await runTests(checkout), 0, `tests failed on ${arch}`);
  else await seeRefusals(checkout, architecture);
  log(`${arch}: as claimed`);
}

const asked = process.argv.slice(2);
const known = ARCHITECTURES.map(({ arch }) => arch);
const unknown = asked.filter((arch) => !known.includes(arch));

try {
  assert.deepEqual(unknown, [], `expected names among ${known.join(', ')}`);
  checkMachine(await readOsRelease(), process.arch);
  for (const architecture of ARCHITECTURES) {
    if (asked.length === 0 || asked.includes(architecture.arch)) await check(architecture);
  }
} catch (error) {
  if (!(error instanceof GuestError) && !(error instanceof assert.AssertionError)) throw error;
  console.error(`\nTHE EMULATED TESTS FAILED: ${error.message}`);
  process.exitCode = 1;
}
