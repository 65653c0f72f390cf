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

/** The calls that belong to an operation. */
export async function callsOf(
  context: SweepContext,
  operation: Operation,
): Promise<readonly CountedCall[]> {
  const { from = '' } = operation;
  const root = context.template.copy(operation);
  try {
    const { calls, printed } = listCalls(programOf(context, operation, root));
    const first = calls.findIndex(({ after }) => after === from);
    if (first !== -1) return calls.slice(first);
    throw new Error(`cannot find the calls after "${from}": the program printed ${printed}`);
  } finally {
    await takeStorageApart(root);
  }
}

/** Kill the program of an operation at a point, recover, and check. */
export async function runPoint(
  context: SweepContext,
  operation: Operation,
  point: Point,
): Promise<PointResult> {
  const root = context.template.copy(operation);
  const program = programOf(context, operation, root);
  try {
    const { call, printed } = killAt(program, point);
    const acknowledged = printed.length > operation.steps.length;
    const violation = await violationOf(async () => {
      await recover(context, operation, program);
      await checkRecovered(operation, program, { acknowledged });
    });
    return { call, violation };
  } finally {
    await takeStorageApart(root);
  }
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
  { untracked }: Operation,
  program: Program,
): Promise<void> {
  if (mutation !== undefined) {
    listCalls({ ...program, steps: [['close']] });
    return;
  }
  const { root, options: storageOptions } = program;
  const { before, after } = await repairStorage({ root, storageOptions });
  const left = after.findings.filter(({ subject }) => subject !== `thin device ${untracked}`);
  strict.deepEqual(left, [], 'a repair leaves nothing to repair');
  const files = readRecordFiles(root);
  const storage = await DevicemapperStorage.open({ root, storageOptions });
  await storage.close();
  // A directory without a base device is a new one, which the open completes.
  if (before.clean && 'base' in files) checkUnchanged(strict, root, files);
}
