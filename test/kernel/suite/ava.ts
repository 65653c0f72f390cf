// One run of ava in a guest, reported line by line.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { countTap, emptyCounts, type TapCounts } from './tap.ts';

/** Run ava over `files`, or over all files of its configuration, and print a line for each test. */
export async function runAva(config: string, files: readonly string[]): Promise<TapCounts> {
  const ava = spawn(
    process.execPath,
    ['node_modules/ava/entrypoints/cli.mjs', '--config', config, '--tap', ...files],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => ava.once('close', resolve));
  let counts = emptyCounts;
  for await (const line of createInterface({ input: ava.stdout })) {
    counts = countTap(counts, line);
    console.log(line);
  }
  const status = await ended;
  if (status === 0 || counts.failed > 0) return counts;
  console.log(
    `ava ended with status ${status}, and no test failed: a file died, ran out of time, or has no test`,
  );
  return { ...counts, failed: counts.failed + 1 };
}
