// Runs the tests on other versions of Node: `npm run test:nodes`, or `npm run test:nodes -- 26`. For each version, unit
// tests run here; the example and the kernel tests run in guests, for each version on a different kernel.
// `--example` runs only the example.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cacheDirectory } from '../../vm/cache.ts';
import { runInGuest } from '../../vm/guest.ts';
import { type CachedNode, nodeMajors, prepareNode } from '../../vm/node.ts';
import { type Suite, suites } from '../../vm/suites.ts';
import { kernelTestFiles } from '../kernel/suite/files.ts';
import { isGood, runKernelTests } from '../kernel/suite/run.ts';
import { formatSummary } from '../kernel/suite/summary.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/containers.js', import.meta.url));
const AVA = fileURLToPath(
  new URL('../../../node_modules/ava/entrypoints/cli.mjs', import.meta.url),
);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { example: { type: 'boolean', default: false } },
});
const majors = positionals.length > 0 ? positionals.map(Number) : nodeMajors;

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
const { signal } = interrupt;
const log = (message: string): void => console.error(`vm: ${message}`);

/** Run the example in a guest. */
async function runExample({ path }: CachedNode): Promise<boolean> {
  const { exitCode } = await runInGuest({ command: [path, EXAMPLE], log, signal });
  return exitCode === 0;
}

/** Run the unit tests on this machine. */
async function runUnitTests({ path }: CachedNode): Promise<boolean> {
  const ava = spawn(path, [AVA], { stdio: ['ignore', 'inherit', 'inherit'], signal });
  const [status] = (await once(ava, 'close')) as [number | null];
  return status === 0;
}

/** A different kernel for each version; Linux 6.1 for a version that is not in the list. */
const kernelFor = (major: number): Suite =>
  suites[(nodeMajors as readonly number[]).indexOf(major)] ?? 'bookworm';

/** The summary lines of one version, and whether all passed. */
async function testOn(
  major: number,
  node: CachedNode,
): Promise<{ readonly good: boolean; readonly line: string }> {
  const example = await runExample(node);
  const told = `Node ${node.version}: example ${example ? 'passed' : 'FAILED'}`;
  if (values.example) return { good: example, line: told };
  const unit = await runUnitTests(node);
  const run = {
    kernel: kernelFor(major),
    files: kernelTestFiles({ once: false }),
    node: node.path,
  };
  const [summary] = await runKernelTests([run], signal);
  return {
    good: example && unit && isGood(summary!),
    line: `${told}; unit tests ${unit ? 'passed' : 'FAILED'}; ${formatSummary(summary!)}`,
  };
}

const lines: string[] = [];
for (const major of majors) {
  const node = await prepareNode(major, { cache: cacheDirectory(), log, signal });
  const { good, line } = await testOn(major, node);
  lines.push(line);
  if (!good) process.exitCode = 1;
}
console.log('\nVersions of Node');
for (const line of lines) console.log(`  ${line}`);
