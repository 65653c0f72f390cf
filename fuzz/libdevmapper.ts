// Compare the bytes of the library with those of libdevmapper:
//   node build/fuzz/libdevmapper.js --runs N --seed S --minutes N [--only "load of crypt"]
// `--runs` is the total number of cases, each a dmsetup process. All differences are printed, each with
// its shrunk case; any difference gives exit status 1. The default seed is FC_SEED, or a random one.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ORACLE_LAWS, type OracleLaw } from '../test/oracle/laws.ts';
import { Oracle } from '../test/oracle/oracle.ts';

const DEFAULT_RUNS = 2000;
/** Cases of one law before the next one's turn. */
const TURN = 10;
const SEED_MAX = 0x7fffffff;

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    minutes: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});

function number(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) {
    throw new RangeError(`${name}: expected a number, not negative, got ${JSON.stringify(text)}`);
  }
  return value;
}

const minutes = number('--minutes', values.minutes, Number.POSITIVE_INFINITY);
const runs = number('--runs', values.runs, Number.isFinite(minutes) ? Infinity : DEFAULT_RUNS);
const seed = number(
  '--seed',
  values.seed ?? process.env['FC_SEED'],
  Math.floor(Math.random() * SEED_MAX),
);
const laws = ORACLE_LAWS.filter(({ name }) => name.startsWith(values.only));
if (laws.length === 0) throw new RangeError(`--only: no law begins with "${values.only}"`);

const began = Date.now();
const until = began + minutes * 60_000;
let left = runs;
let cases = 0;
let differences = 0;
const broken = new Set<OracleLaw>();

/** The turns: each law in order, then again with the next seed, until the runs are used up. */
function* turns(): Generator<readonly [law: OracleLaw, seed: number, numRuns: number]> {
  for (let round = 0; broken.size < laws.length; round++) {
    for (const law of laws) {
      if (left === 0 || Date.now() >= until) return;
      if (broken.has(law)) continue;
      const numRuns = Math.min(TURN, left);
      left -= numRuns;
      yield [law, (seed + round) % SEED_MAX, numRuns];
    }
  }
}

async function work(
  oracle: Oracle,
  queue: Generator<readonly [OracleLaw, number, number]>,
): Promise<void> {
  for (const [law, turnSeed, numRuns] of queue) {
    const { failed, numRuns: done, report } = await law.check(oracle, { seed: turnSeed, numRuns });
    cases += done;
    if (!failed || broken.has(law)) continue;
    broken.add(law);
    differences += 1;
    console.error(`\n${report}`);
    console.error(
      `To reproduce: node build/fuzz/libdevmapper.js --only "${law.name}" --seed ${turnSeed} --runs ${TURN}`,
    );
  }
}

using oracle = new Oracle();
console.log(`dmsetup ${oracle.version}, seed ${seed}`);
const queue = turns();
await Promise.all(Array.from({ length: availableParallelism() }, () => work(oracle, queue)));
const seconds = (Date.now() - began) / 1000;
console.log(
  `${cases} cases of ${laws.length} kinds in ${seconds.toFixed(1)} s, ${differences} differences`,
);
process.exitCode = differences === 0 ? 0 : 1;
