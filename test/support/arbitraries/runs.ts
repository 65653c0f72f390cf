// The number of runs and the seed of properties. A failure prints its seed; this repeats the run:
//   FC_SEED=… npx ava build/test/unit/dm/reply/replies.test.js
// FC_RUNS replaces the number of cases of every property.

import type { ExecutionContext } from 'ava';
import fc from 'fast-check';

function fromEnvironment(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value)) {
    throw new RangeError(`${name}: expected an integer, got ${JSON.stringify(text)}`);
  }
  return value;
}

/** Parameters of a run of `numRuns` cases. The environment can override them. */
export function runs<Ts>(numRuns: number): fc.Parameters<Ts> {
  const seed = fromEnvironment('FC_SEED');
  return {
    numRuns: fromEnvironment('FC_RUNS') ?? numRuns,
    ...(seed !== undefined && { seed }),
  };
}

/** Assert that the property holds for `numRuns` cases. It fails by throwing. */
export function holds<Ts>(t: ExecutionContext, property: fc.IProperty<Ts>, numRuns = 1000): void {
  fc.assert(property, runs(numRuns));
  t.pass();
}

/** The same for an asynchronous property. */
export async function holdsAsync<Ts>(
  t: ExecutionContext,
  property: fc.IAsyncProperty<Ts>,
  numRuns = 200,
): Promise<void> {
  await fc.assert(property, runs(numRuns));
  t.pass();
}

/** A property with a name and values of any type. Tests run it for seconds, fuzz/ runs it without end. */
export interface Law {
  readonly name: string;
  /** Run it. A failure has the shrunk case. */
  readonly check: (parameters: fc.Parameters<unknown>) => {
    readonly failed: boolean;
    readonly numRuns: number;
    readonly report: string;
  };
}

/** Name a property. */
export const law = <Ts>(name: string, property: fc.IProperty<Ts>): Law => ({
  name,
  check: (parameters) => {
    const details = fc.check(property, parameters as fc.Parameters<Ts>);
    return {
      failed: details.failed,
      numRuns: details.numRuns,
      report: fc.defaultReportMessage(details) ?? '',
    };
  },
});

/** Assert that the law holds for `numRuns` cases. */
export function proves(t: ExecutionContext, { check }: Law, numRuns: number): void {
  const { failed, report } = check(runs(numRuns));
  t.false(failed, report);
}
