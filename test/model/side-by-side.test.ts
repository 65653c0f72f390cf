// That two kernels are compared at all: a model beside a model agrees, and beside one that lies does not.

import test from 'ava';
import { Dm } from '../../src/dm/commands.ts';
import type { Transport } from '../../src/index.ts';
import { runSequences, type Trial } from './sequences.ts';
import { endSideBySide, sideBySide } from './side-by-side.ts';
import { modelWorld, PAPER_DISKS, type World } from './world.ts';

const SEED = 1;

/** Compare a model with one that `between` comes between. */
async function compare(runs: number, between?: (kernel: Transport) => Transport): Promise<void> {
  const others = new Map<Trial, World>();
  const begin = async (): Promise<Trial> => {
    const other = await modelWorld(PAPER_DISKS, {}, between);
    const trial = sideBySide(await modelWorld(PAPER_DISKS), other);
    others.set(trial, other);
    return trial;
  };
  const end = async (trial: Trial): Promise<void> => endSideBySide(trial.world, others.get(trial)!);
  await runSequences(begin, end, { seed: SEED, runs });
}

test('a kernel beside its like', async (t) => {
  await t.notThrowsAsync(compare(10));
});

test('a kernel that does not clear is found, in as few steps as it takes', async (t) => {
  const lying = (kernel: Transport): Transport => ({
    ...kernel,
    // It looks, and says it has cleared.
    ioctl: (call) =>
      kernel.ioctl(
        call.request === Dm.TABLE_CLEAR.request
          ? { ...call, request: Dm.DEV_STATUS.request }
          : call,
      ),
  });
  const error = await t.throwsAsync(compare(200, lying));
  // What led to it in a line each; then what differs.
  const trace = /(create \S.*\n)+load \S+ \[.*\]\nclear \S+\nclear \S+: the outcome differs/;
  t.regex(error!.message, trace);
  t.regex(error!.message, /- {3}"inactive": false,\n\+ {3}"inactive": true,/);
});
