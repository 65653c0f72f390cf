// Runs the kernel tests in guests, on each given kernel: `bookworm` (Linux 6.1), `trixie` (6.12), `sid` (7.x), by
// default all three. Names of test files (`thin/space`, `storage/crash`) or beginnings of names (`crash/kill-*`) select
// those. `--qemu` emulates a machine with two processors, for races between them. `--node PATH` selects another Node.

import { parseArgs } from 'node:util';
import { type Suite, suites } from '../../../vm/suites.ts';
import { filesOf, kernelTestFiles } from './files.ts';
import { isGood, runKernelTests } from './run.ts';
import { formatSummary } from './summary.ts';

const isSuite = (word: string): word is Suite => (suites as readonly string[]).includes(word);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { qemu: { type: 'boolean', default: false }, node: { type: 'string' } },
});
const asked = positionals.filter((word) => isSuite(word));
const kernels: readonly Suite[] = asked.length > 0 ? asked : suites;
const named = positionals.filter((word) => !isSuite(word)).flatMap(filesOf);
/** The first kernel also gets the tests for which one kernel suffices. */
const filesFor = (index: number): readonly string[] =>
  named.length > 0 ? named : kernelTestFiles({ once: index === 0 });

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());

const runs = kernels.map((kernel, index) => ({
  kernel,
  files: filesFor(index),
  qemu: values.qemu,
  ...(values.node !== undefined && { node: values.node }),
}));
const summaries = await runKernelTests(runs, interrupt.signal);
console.log('Kernel tests');
for (const summary of summaries) console.log(`  ${formatSummary(summary)}`);
process.exitCode = summaries.every(isGood) ? 0 : 1;
