// Profiles the library in a guest: messages, and create, load and resume, with and without threads.

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { time } from '../../markdown.ts';
import { median } from '../../statistics.ts';
import { placeWords } from '../place.ts';
import { PeerProcess } from './peer-process.ts';
import { type CpuProfile, ownTimes } from './profile.ts';
import { createWorld } from './world.ts';

const [programs = ''] = process.argv.slice(2);
const PEER = fileURLToPath(new URL('./dmts-peer.js', import.meta.url));
const TIMES = 1000;
/** The first and the last operations whose median is printed. */
const ENDS = 100;
const SHOWN = 25;

/** An operation and the step that removes what it creates. */
const WORK: readonly (readonly [word: string, after: string])[] = [
  ['create_thin', 'delete'],
  ['create_linear', 'clear'],
];

const { place, helper } = await createWorld(programs);
for (const mode of ['inline', 'threads']) {
  for (const [word, after] of WORK) {
    const directory = mkdtempSync(join(tmpdir(), 'bench-profile-'));
    {
      await using peer = new PeerProcess([
        ...[process.execPath, '--cpu-prof', '--cpu-prof-dir', directory],
        ...[PEER, mode, ...placeWords(place)],
      ]);
      const taken = await peer.ask(`${word} ${TIMES}`);
      const ends = [taken.slice(0, ENDS), taken.slice(-ENDS)].map((each) => time(median(each)));
      console.log(`\n${mode}, ${word}: ${ends[0]} at first, ${ends[1]} at last`);
    }
    await helper.ask(`${after} ${TIMES}`);
    for (const file of readdirSync(directory).toSorted()) {
      const times = ownTimes(JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile);
      const all = times.reduce((sum, { microseconds }) => sum + microseconds, 0);
      console.log(
        `${mode}, ${word}, ${TIMES} times, thread ${file.split('.').at(4)}: ${(all / 1000).toFixed(0)} ms of CPU time`,
      );
      for (const { name, microseconds } of times.slice(0, SHOWN))
        console.log(`  ${((100 * microseconds) / all).toFixed(1).padStart(5)} %  ${name}`);
    }
  }
}
await helper[Symbol.asyncDispose]();
