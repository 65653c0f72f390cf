// What is compared with dmsetup: run by the test for seconds, and by fuzz/libdevmapper.ts for as long as one likes.

import fc from 'fast-check';
import { LOADS } from './loads.ts';
import type { Oracle } from './oracle.ts';
import { difference, type Scenario } from './scenario.ts';
import { UDEV_EVENTS } from './udev-events.ts';
import { VERBS } from './verbs.ts';

const ALL: Readonly<Record<string, fc.Arbitrary<Scenario>>> = {
  ...LOADS,
  ...VERBS,
  ...UDEV_EVENTS,
};

/** Something that dmsetup and we do in the same bytes. */
export interface OracleLaw {
  readonly name: string;
  /** Hold random cases of it against dmsetup; a failure comes with the shrunk case. */
  readonly check: (
    oracle: Oracle,
    parameters: fc.Parameters<unknown>,
  ) => Promise<{ readonly failed: boolean; readonly numRuns: number; readonly report: string }>;
}

/** Everything that is compared. */
export const ORACLE_LAWS: readonly OracleLaw[] = Object.entries(ALL).map(([name, scenarios]) => ({
  name,
  check: async (oracle, parameters) => {
    const same = fc.asyncProperty(scenarios, async (scenario) => {
      const found = await difference(oracle, scenario);
      if (found !== undefined) throw new Difference(found);
    });
    const details = await fc.check(same, {
      ...(parameters as fc.Parameters<[Scenario]>),
      includeErrorInReport: true,
    });
    const { failed, numRuns, seed, counterexamplePath, counterexample, errorInstance } = details;
    return {
      failed,
      numRuns,
      report: failed
        ? [
            `${name}: seed ${seed}, path ${counterexamplePath}`,
            fc.stringify(counterexample?.[0]),
            errorInstance instanceof Difference
              ? errorInstance.message
              : fc.stringify(errorInstance),
          ].join('\n')
        : '',
    };
  },
}));

class Difference extends Error {}
