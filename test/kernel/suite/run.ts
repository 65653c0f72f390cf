// Runs files of kernel tests in guests, as many at once as this machine can hold.

import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { GuestError } from '../../../vm/errors.ts';
import { runInGuest } from '../../../vm/guest.ts';
import { slotCount } from '../../../vm/slots.ts';
import type { Suite } from '../../../vm/suites.ts';
import { COVERAGE_VARIABLE, GUEST_COVERAGE, saveCoverage } from './coverage.ts';
import { guestsOf, nameOf } from './files.ts';
import { parseSummary, type Summary } from './summary.ts';

const GUEST = fileURLToPath(new URL('./guest.js', import.meta.url));

/** Time limit in seconds for the tests of one guest. */
const TIME_LIMIT = { uml: 7200, qemu: 10_800 };

/** Variables with the number of random cases, their seed, and their time; they are passed to the guest. */
const FOR_RUNS = ['FC_RUNS', 'FC_SEED', 'SOAK_MINUTES'];

/** The tests of a run, and their environment. */
export interface KernelRun {
  readonly kernel: Suite;
  /** Compiled test files. */
  readonly files: readonly string[];
  /** The Node that runs them. @default this one */
  readonly node?: string;
  /** Whether QEMU emulates the machine, with two processors: one guest then runs all files. @default false */
  readonly qemu?: boolean;
}

/** The work of one guest: a whole run, or some files of it. */
interface Task extends KernelRun {
  readonly title: string;
}

/** The result of a task. */
interface Result {
  readonly task: Task;
  readonly summary: Summary;
}

const tasksOf = (run: KernelRun): readonly Task[] =>
  run.qemu
    ? [{ ...run, title: `${run.files.length} files` }]
    : guestsOf(run.files).map((files) => ({ ...run, files, title: files.map(nameOf).join(', ') }));

/**
 * Run all tests. The output of a guest is printed when the guest has ended, so that lines of two guests never mix;
 * a guest that stops counts as a failed test.
 *
 * @returns a summary for each run
 */
export async function runKernelTests(
  runs: readonly KernelRun[],
  signal: AbortSignal,
): Promise<readonly Summary[]> {
  const tasks = runs.flatMap((run) => tasksOf(run).map((task) => ({ run, task })));
  const results = new Map<KernelRun, Result[]>(runs.map((run) => [run, []]));
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let mine = tasks[next++]; mine; mine = tasks[next++]) {
      const { run, task } = mine;
      const begun = performance.now();
      const { output, summary } = await runTask(task, signal);
      results.get(run)!.push({ task, summary });
      done += 1;
      const seconds = Math.round((performance.now() - begun) / 1000);
      process.stdout.write(
        `${output}# ${done} of ${tasks.length}: ${task.title} on ${task.kernel}, ${seconds} s\n\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(slotCount(), tasks.length) }, work));
  return runs.map((run) => {
    const of = results.get(run)!;
    for (const { task, summary } of of)
      if (!isGood(summary)) console.log(`FAILED: ${task.title} on Linux ${summary.kernel}`);
    return of.map(({ summary }) => summary).reduce(sum);
  });
}

/** Whether all tests ran and passed, and left nothing behind. */
export const isGood = ({ passed, failed, skipped, left }: Summary): boolean =>
  passed > 0 && failed === 0 && skipped === 0 && left === 0;

const sum = (a: Summary, b: Summary): Summary => ({
  kernel: a.kernel,
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  left: a.left + b.left,
});

async function runTask(
  task: Task,
  signal: AbortSignal,
): Promise<{ readonly output: string; readonly summary: Summary }> {
  const { qemu = false, kernel, node = process.execPath } = task;
  const coverage = process.env[COVERAGE_VARIABLE];
  const output = collect(qemu ? process.stdout : undefined);
  try {
    await runInGuest({
      command: [node, GUEST, ...task.files],
      kernel,
      qemu,
      env: {
        ...Object.fromEntries(
          FOR_RUNS.flatMap((name) =>
            process.env[name] === undefined ? [] : [[name, process.env[name]]],
          ),
        ),
        ...(coverage !== undefined && { [COVERAGE_VARIABLE]: GUEST_COVERAGE }),
      },
      timeout: qemu ? TIME_LIMIT.qemu : TIME_LIMIT.uml,
      stdout: output.stream,
      stderr: output.stream,
      log: (message) => console.error(`vm: ${message}`),
      signal,
    });
  } catch (error) {
    if (signal.aborted || !(error instanceof GuestError)) throw error;
    const console = error.console.map((line) => `  ${line}\n`).join('');
    output.stream.write(`not ok - ${task.title}: ${error.message}\n${console}`);
  }
  const text = coverage === undefined ? output.text() : saveCoverage(output.text(), coverage);
  const stopped = { kernel: task.kernel, passed: 0, failed: 1, skipped: 0, left: 0 };
  return { output: qemu ? '' : text, summary: parseSummary(text) ?? stopped };
}

/** A stream that keeps everything written to it, and also writes it to `also`. */
function collect(also: Writable | undefined): {
  readonly stream: Writable;
  readonly text: () => string;
} {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      if (also) also.write(chunk, () => done());
      else done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
