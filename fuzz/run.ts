// Runs laws in rounds of some thousand cases, each round with a separate seed.

import { parseArgs } from 'node:util';
import type { Law } from '../test/support/arbitraries/runs.ts';

const ROUND = 2000;
const DEFAULT_SECONDS = 10;
const SEED_MAX = 0x7fffffff;

/** When to stop. `runs`: after this many cases of every law; otherwise after the time. */
interface Plan {
  readonly seed: number;
  readonly until: number;
  readonly runs: number;
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new RangeError(`--${name}: expected a number, not negative, got ${JSON.stringify(text)}`);
  }
  return value;
}

function plan(): Plan {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      runs: { type: 'string' },
    },
  });
  const { minutes, seed, runs } = values;
  const least = runs === undefined ? Number.POSITIVE_INFINITY : number('runs', runs);
  const seconds =
    minutes !== undefined
      ? number('minutes', minutes) * 60
      : runs === undefined
        ? DEFAULT_SECONDS
        : Number.POSITIVE_INFINITY;
  return {
    seed: seed === undefined ? Math.floor(Math.random() * SEED_MAX) : number('seed', seed),
    until: Date.now() + seconds * 1000,
    runs: least,
  };
}

/** Run `laws` according to the command line. Sets exit status 1 at the first failing case. */
export function fuzz(program: string, laws: readonly Law[]): void {
  const { seed, until, runs } = plan();
  const replay = (roundSeed: number): string =>
    `node build/fuzz/${program}.js --seed ${roundSeed} --runs ${Math.min(ROUND, runs)}`;
  console.log(`seed ${seed}`);
  const began = Date.now();
  let cases = 0;
  for (let round = 0, done = 0; done < runs && Date.now() < until; round++) {
    const numRuns = Math.min(ROUND, runs - done);
    const roundSeed = (seed + round) % SEED_MAX;
    for (const { name, check } of laws) {
      const { failed, numRuns: ran, report } = check({ seed: roundSeed, numRuns });
      cases += ran;
      if (failed) {
        console.error(`${name}:\n${report}\n\nTo reproduce: ${replay(roundSeed)}`);
        process.exitCode = 1;
        return;
      }
      if (Date.now() >= until) break;
    }
    done += numRuns;
  }
  const seconds = Math.max(Date.now() - began, 1) / 1000;
  console.log(
    `${cases} cases in ${seconds.toFixed(1)} s, ${Math.round(cases / seconds)} per second`,
  );
}
