// The protocol of peer.h for a program of Node.

import { accessSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** One operation on the device with this number. */
export type Run = (index: number) => unknown;

/** Marks the work of a line in a trace. */
function mark(path: string): void {
  try {
    accessSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function measure(run: Run, samples: number): Promise<readonly bigint[]> {
  const taken: bigint[] = [];
  mark('/bench/begin');
  for (let sample = 0; sample < samples; sample++) {
    const begun = process.hrtime.bigint();
    await run(sample);
    taken.push(process.hrtime.bigint() - begun);
  }
  mark('/bench/end');
  return taken;
}

/** Answers each line of standard input: "OPERATION SAMPLES". */
export async function serve(operations: Readonly<Record<string, Run>>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [word = '', samples = ''] = line.split(' ');
    const run = operations[word];
    if (run === undefined) throw new Error(`cannot measure ${word}: this peer does not have it`);
    console.log((await measure(run, Number(samples))).join(' '));
  }
}
