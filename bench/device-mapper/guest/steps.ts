// Measures the steps inside a call of the library, which steps-peer.ts does one by one.

import { fileURLToPath } from 'node:url';
import { median } from '../../statistics.ts';
import type { StepFigures } from '../results.ts';
import { PeerProcess } from './peer-process.ts';
import { TracedPeer } from './trace.ts';

/** The words of the steps, and what they do. */
const STEPS: readonly (readonly [word: string, title: string])[] = [
  ['call', 'a system call through koffi (`gettid`)'],
  ['ioctl', 'an ioctl through koffi, with its buffer (`DM_VERSION`)'],
  ['kept', 'an ioctl with a buffer of 16 KiB that is kept (`DM_TABLE_STATUS`)'],
  ['fresh', 'the same with a new buffer for each call, as the library does'],
  ['thread', 'a system call on a thread (`gettid`)'],
  ['log', 'open the kernel log at its end, and close it'],
  ['node', 'create a node below `/dev/mapper`, and remove it'],
  ['info', 'the state of a device without a kernel'],
  ['record', '`deviceInfo`: the record of a reply, a part of the line above and of those below'],
  ['message', 'a message without a kernel: checks, lock, request and reply'],
  ['create', 'create, load and resume without a kernel: the same for three requests'],
];

const SAMPLES = 64;
const WARM_UP = 1000;
const TRACED = 16;

/** The figures of each step. */
export async function measureSteps(rounds: number): Promise<readonly StepFigures[]> {
  const command = [process.execPath, fileURLToPath(new URL('./steps-peer.js', import.meta.url))];
  const traced = new TracedPeer(command);
  await using peer = new PeerProcess(command);
  const times: number[][] = [];
  const lines: number[] = [];
  for (const [word] of STEPS) {
    await peer.ask(`${word} ${WARM_UP}`);
    const medians: number[] = [];
    for (let round = 0; round < rounds; round++)
      medians.push(Math.round(median(await peer.ask(`${word} ${SAMPLES}`))));
    times.push(medians);
    await traced.ask(`${word} ${TRACED}`);
    lines.push(await traced.ask(`${word} ${TRACED}`));
  }
  const counts = await traced.end();
  return STEPS.map(([, title], index) => ({
    title,
    rounds: times[index]!,
    calls: Math.round(counts[lines[index]!]!.calls / TRACED),
  }));
}
