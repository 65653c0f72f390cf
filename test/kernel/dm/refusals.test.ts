// Invalid input does not reach the kernel, as strace shows; the kernel's own errors have its reason.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { linear, zero } from '../../../src/dm/targets/index.ts';
import { DmError, type TargetInput } from '../../../src/index.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { refusedInputs } from '../../support/kernel/refused-inputs.ts';
import {
  openDm,
  scratchDevice,
  scratchDirectory,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/refused-input.js', import.meta.url));

/** The outcome of each call, as the fixture prints it. */
interface Outcome {
  readonly given: string;
  readonly error: string;
  readonly field?: string;
}

/** The ioctls on the control node in a trace with decoded descriptors, in order. */
const controlIoctls = (trace: string): readonly string[] =>
  [...trace.matchAll(/ioctl\(\d+<\/dev\/mapper\/control[^,]*, (\w+)/g)].map(([, name]) => name!);

test('rejected calls make no ioctl: strace shows only the open and the final list', (t) => {
  const trace = join(scratchDirectory(t), 'trace');
  const stdout = execFileSync(
    'strace',
    ['-f', '-y', '-e', 'trace=ioctl', '-o', trace, process.execPath, FIXTURE],
    { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 },
  );
  const outcomes = JSON.parse(stdout) as readonly Outcome[];
  const expected = refusedInputs.map(({ given, field }) => ({ given, error: 'InputError', field }));
  const wrong = (outcome: Outcome, i: number): boolean => !isDeepStrictEqual(outcome, expected[i]);
  t.deepEqual(outcomes.filter(wrong), []);
  t.is(outcomes.length, expected.length);
  t.log(`${outcomes.length} calls are rejected`);
  t.deepEqual(controlIoctls(readFileSync(trace, 'utf8')), ['DM_VERSION', 'DM_LIST_DEVICES']);
});

/** Tables with a type that no kernel has, and the index of that target. */
const UNKNOWN: readonly (readonly [
  given: string,
  index: number,
  table: (below: string) => readonly TargetInput[],
])[] = [
  ['alone', 0, () => [{ length: 8, type: 'nosuch' }]],
  [
    'after others',
    2,
    (below) => [
      zero({ length: 8 }),
      linear({ length: 8, device: below }),
      { length: 8, type: 'nosuch', params: 'a b' },
    ],
  ],
];

for (const [given, index, table] of UNKNOWN) {
  test(`an unknown target type ${given}: EINVAL with its index and the kernel’s reason`, async (t) => {
    const dm = await openDm(t);
    const { name: device } = await scratchDevice(t, dm);
    const lines = table(await scratchLoop(t));
    const error = await t.throwsAsync(dm.load(device, lines), { instanceOf: DmError });
    t.like(error, {
      code: 'EINVAL',
      errno: -22,
      syscall: 'ioctl',
      command: 'DM_TABLE_LOAD',
      device,
      field: `table[${index}].type`,
      hint: 'This kernel has no target type "nosuch", and no module dm-nosuch',
    });
    t.regex((error as DmError).reason ?? '', /nosuch: unknown target type/);

    const made = uniqueName();
    await t.throwsAsync(dm.create(made, { table: lines }), {
      instanceOf: DmError,
      code: 'EINVAL',
      message: /table\[\d\]\.type \(kernel log: .*unknown target type/,
    });
    t.false(await dm.exists(made));
  });
}

test('nothing is left', assertNothingLeft);
