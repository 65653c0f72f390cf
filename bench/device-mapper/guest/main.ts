// Measures all peers in one guest. Prints its progress on standard error, and the results as one line of JSON. The arguments
// are the directory of the compiled programs, and --quick.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { operations } from '../operations.ts';
import { peersOf } from '../peers.ts';
import { longTable } from '../place.ts';
import type { DeviceMapperResults } from '../results.ts';
import { Contest } from './contest.ts';
import { measureSteps } from './steps.ts';
import { createWorld } from './world.ts';

const [programs = '', quickWord] = process.argv.slice(2);
const quick = quickWord === '--quick';
const ROUNDS = quick ? 7 : 15;
const TABLE = '/tmp/bench-long-table';

const { place, helper } = await createWorld(programs);
const steps = await measureSteps(ROUNDS);
writeFileSync(TABLE, longTable(place.disk));
const contest = new Contest(peersOf(programs, place, TABLE), helper);
for (const operation of operations) console.error(await contest.measure(operation, ROUNDS));
const results: DeviceMapperResults = {
  kernel: release(),
  node: process.version,
  libdevmapper: /Library version: +(\S+)/.exec(
    execFileSync('dmsetup', ['version'], { encoding: 'utf8' }),
  )![1]!,
  quick,
  operations: await contest.results(),
  steps,
};
await helper[Symbol.asyncDispose]();
console.log(JSON.stringify(results));
