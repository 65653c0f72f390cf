// One point of a kill sweep: a program is killed there, the next process opens the storage, and every promise is checked.

import { DevicemapperStorage, repairStorage } from '../../../src/storage/index.ts';
import { checkUnchanged, readRecordFiles } from '../kernel/invariants.ts';
import { SMALL, takeStorageApart } from '../kernel/storage.ts';
import { checkRecovered, strict } from './check.ts';
import { type CountedCall, killAt, listCalls, type Point, type Program } from './kill-at.ts';
import { mutatedNode, mutationEnvironment } from './mutate.ts';
import type { MutationName } from './mutations.ts';
import { type Operation, TAR } from './operations.ts';
import type { Template } from './template.ts';

/** How a sweep runs. */
export interface SweepContext {
  readonly template: Template;
  /** A fault in the program and in the recovery. @default none */
  readonly mutation?: MutationName | undefined;
}

/** The result of a point. */
export interface PointResult {
  /** The call at which the program was killed; `undefined` if the run ended before. */
  readonly call: CountedCall | undefined;
  /** The first broken promise, with the values; `undefined` if all are kept. */
  readonly violation: string | undefined;
}

/** The program that makes the steps of an operation in `root`. */
function programOf(
  { template, mutation }: SweepContext,
  { steps, options = SMALL }: Operation,
  root: string,
): Program {
  return {
    root,
    steps: steps.map((step) => step.map((word) => (word === TAR ? template.tar : word))),
    options,
    ...(mutation && { node: mutatedNode(), env: mutationEnvironment(mutation) }),
  };
}

/** Run a task on a directory in the state before an operation, and remove the directory with its devices. */
async function withCopy<T>(
  { template }: SweepContext,
  operation: Operation,
  task: (root: string) => T | Promise<T>,
): Promise<T> {
  const root = template.copy(operation);
  try {
    return await task(root);
  } finally {
    await takeStorageApart(root);
  }
}

/** The point of the process that was killed before an operation. */
const earlierPoints = new Map<Operation, Point>();

/** Kill the process that is killed before an operation. */
async function killEarlier(
  context: SweepContext,
  operation: Operation,
  root: string,
): Promise<void> {
  if (operation.killed === undefined) return;
  const { steps, call } = operation.killed;
  const program = (directory: string) => ({ root: directory, steps, options: SMALL });
  let point = earlierPoints.get(operation);
  if (point === undefined) {
    const { calls } = await withCopy(context, operation, (copy) => listCalls(program(copy)));
    const { number } = calls.find(({ text }) => call.test(text))!;
    point = { side: 'exit', number };
    earlierPoints.set(operation, point);
  }
  const { call: reached } = killAt(program(root), point);
  if (reached && call.test(reached.text)) return;
  throw new Error(`cannot kill the earlier process at ${call}: it reached ${reached?.text}`);
}

/** The calls that belong to an operation. */
export function callsOf(
  context: SweepContext,
  operation: Operation,
): Promise<readonly CountedCall[]> {
  const { from = '' } = operation;
  return withCopy(context, operation, async (root) => {
    await killEarlier(context, operation, root);
    const { calls, printed } = listCalls(programOf(context, operation, root));
    const first = calls.findIndex(({ after }) => after === from);
    if (first !== -1) return calls.slice(first);
    throw new Error(`cannot find the calls after "${from}": the program printed ${printed}`);
  });
}

/** Kill the program of an operation at a point, recover, and check. */
export function runPoint(
  context: SweepContext,
  operation: Operation,
  point: Point,
): Promise<PointResult> {
  return withCopy(context, operation, async (root) => {
    await killEarlier(context, operation, root);
    const program = programOf(context, operation, root);
    const { call, printed } = killAt(program, point);
    const acknowledged = printed.length > operation.steps.length;
    const violation = await violationOf(async () => {
      await recover(context, operation, program);
      await checkRecovered(operation, program, { acknowledged });
    });
    return { call, violation };
  });
}

async function violationOf(task: () => Promise<void>): Promise<string | undefined> {
  try {
    await task();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Repair the directory, and open it as the next process does. A check that finds nothing must be right: then the open changes no
 * record. A mutated program also recovers with its mutation.
 */
async function recover(
  { mutation }: SweepContext,
  { unrecorded, sizes }: Operation,
  program: Program,
): Promise<void> {
  if (mutation !== undefined) {
    listCalls({ ...program, steps: [['close']] });
    return;
  }
  const { root, options: storageOptions } = program;
  const { before, after } = await repairStorage({ root, storageOptions });
  const left = after.findings.filter(({ subject }) => subject !== `thin device ${unrecorded}`);
  strict.deepEqual(left, [], 'a repair leaves nothing to repair');
  const files = readRecordFiles(root);
  const storage = await DevicemapperStorage.open({ root, storageOptions });
  await storage.close();
  // A directory without a base device is a new one, which the open completes. Larger sizes are changes that an open makes.
  if (before.clean && 'base' in files && sizes === undefined) checkUnchanged(strict, root, files);
}
