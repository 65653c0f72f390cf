// Tests the comparison itself: two equal models agree, and a faulty model is detected.

import { constants } from 'node:os';
import test from 'ava';
import { Dm } from '../../../src/dm/wire/commands.ts';
import type { Transport } from '../../../src/index.ts';
import { type RunOptions, runSequences, type Trial } from '../../support/model/sequences.ts';
import { endSideBySide, sideBySide, type Tally } from '../../support/model/side-by-side.ts';
import { modelWorld, PAPER_DISKS, type World } from '../../support/model/world.ts';

/** Sixty sequences from this seed reach all of REACHED. */
const SEED = 1;
/** The first sequences from this seed reveal the faults. */
const LYING_SEED = 5;

/** Compare a model with one whose calls pass through `between`. @returns the number of each outcome of each step */
async function compare(
  options: RunOptions,
  between?: (kernel: Transport) => Transport,
): Promise<Tally> {
  const tally: Tally = new Map();
  const others = new Map<Trial, World>();
  const begin = async (): Promise<Trial> => {
    const other = await modelWorld(PAPER_DISKS, {}, between);
    const trial = sideBySide(await modelWorld(PAPER_DISKS), other, tally);
    others.set(trial, other);
    return trial;
  };
  const end = async (trial: Trial): Promise<void> => endSideBySide(trial.world, others.get(trial)!);
  await runSequences(begin, end, options);
  return tally;
}

/** Outcomes that random steps must reach; otherwise they could not detect a difference there. */
const REACHED: readonly string[] = [
  'message ok',
  'message EBUSY',
  'message EEXIST',
  'message ENODATA',
  'message EINVAL',
  'message ENXIO',
  'create EBUSY',
  'load EBUSY',
  'remove EBUSY',
  'rename EBUSY',
  'resume EINVAL',
];

test('two equal kernels agree in every outcome of a step', async (t) => {
  const tally = await compare({ seed: SEED, runs: 60 });
  t.deepEqual(
    REACHED.filter((outcome) => !tally.has(outcome)),
    [],
  );
});

test('a kernel that deletes an active thin device is detected', async (t) => {
  const lying = (kernel: Transport): Transport => ({
    ...kernel,
    ioctl: async (call) => {
      const said = call.buffer.includes('delete ');
      const { errno, ...answer } = await kernel.ioctl(call);
      return { ...answer, errno: said && errno === constants.errno.EBUSY ? 0 : errno };
    },
  });
  const error = await t.throwsAsync(compare({ seed: LYING_SEED, runs: 60 }, lying));
  t.regex(error!.message, /message \S+ text=delete \d+ .*: the outcome differs/);
});

test('a kernel that does not clear a table is detected with the fewest possible steps', async (t) => {
  const lying = (kernel: Transport): Transport => ({
    ...kernel,
    // It makes a status call instead and reports success.
    ioctl: (call) =>
      kernel.ioctl(
        call.request === Dm.TABLE_CLEAR.request
          ? { ...call, request: Dm.DEV_STATUS.request }
          : call,
      ),
  });
  const error = await t.throwsAsync(compare({ seed: LYING_SEED, runs: 200 }, lying));
  // One line for each step, then the difference.
  const trace = /(create \S.*\n)+load \S+ \[.*\]\nclear \S+\nclear \S+: the outcome differs/;
  t.regex(error!.message, trace);
  t.regex(error!.message, /- {3}"inactive": false,\n\+ {3}"inactive": true,/);
});
