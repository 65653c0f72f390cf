// Runs the kernel tests in a guest for each kernel asked for: `bookworm` (Linux 6.1), `trixie` (6.12), `sid` (7.x).
// Names of test files after `--` run only those.

import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type GuestResult, runInGuest } from '../../../vm/guest.ts';
import { type Suite, suites } from '../../../vm/suites.ts';

/** Seconds for all tests on one emulated kernel. */
const TIME_LIMIT = 7200;

/** How many random cases, and from which seed, is said here for the guest too. */
const FOR_RUNS = ['FC_RUNS', 'FC_SEED'];
const env: Readonly<Record<string, string>> = Object.fromEntries(
  FOR_RUNS.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
);

/** Pass output on, and keep its last line. */
function lastLine(to: Writable): { readonly stream: Writable; readonly line: () => string } {
  let tail = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      tail = (tail + chunk.toString()).slice(-4096);
      to.write(chunk, () => done());
    },
  });
  return { stream, line: () => tail.trimEnd().split('\n').at(-1) ?? '' };
}

async function testOn(kernel: Suite, files: readonly string[], signal: AbortSignal) {
  const stdout = lastLine(process.stdout);
  const result: GuestResult = await runInGuest({
    command: [process.execPath, fileURLToPath(new URL('./guest.js', import.meta.url)), ...files],
    kernel,
    env,
    timeout: TIME_LIMIT,
    stdout: stdout.stream,
    log: (message) => console.error(`vm: ${message}`),
    signal,
  });
  return { passed: result.exitCode === 0, summary: stdout.line() };
}

const isSuite = (word: string): word is Suite => (suites as readonly string[]).includes(word);

const { positionals } = parseArgs({ allowPositionals: true });
const kernels = positionals.filter((word) => isSuite(word));
const files = positionals.filter((word) => !isSuite(word));

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());

const results: { readonly passed: boolean; readonly summary: string }[] = [];
for (const kernel of kernels.length > 0 ? kernels : suites) {
  results.push(await testOn(kernel, files, interrupt.signal));
}
console.log('\nKernel tests');
for (const { summary } of results) console.log(`  ${summary}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
