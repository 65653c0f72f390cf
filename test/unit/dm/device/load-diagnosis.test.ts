import test from 'ava';
import type { TargetInput } from '../../../../src/dm/text/table.ts';
import type { DmError } from '../../../../src/dm/wire/errors.ts';
import { type Step, scripted, ZERO } from '../../../support/dm/scripted.ts';

const given = (params: string): readonly TargetInput[] => [
  { length: 8, type: 'zero' },
  { length: 8, type: 'linear', params },
];

interface Diagnosis {
  readonly title: string;
  readonly table: readonly TargetInput[];
  readonly steps: readonly Step[];
  readonly code: string;
  readonly field: string | undefined;
  readonly hint: string | undefined;
}

const DIAGNOSES: readonly Diagnosis[] = [
  {
    title: 'an unknown type',
    table: [...ZERO, { length: 8, type: 'nosuch' }, { length: 8, type: 'nosuch' }],
    steps: [
      ['TABLE_LOAD a', 'EINVAL'],
      ['GET_TARGET_VERSION zero'],
      ['GET_TARGET_VERSION nosuch', 'EINVAL'],
    ],
    code: 'EINVAL',
    field: 'table[1].type',
    hint: 'This kernel has no target type "nosuch", and no module dm-nosuch',
  },
  {
    title: 'EINVAL for another reason',
    table: ZERO,
    steps: [['TABLE_LOAD a', 'EINVAL'], ['GET_TARGET_VERSION zero']],
    code: 'EINVAL',
    field: undefined,
    hint: undefined,
  },
  {
    title: 'a kernel without the command for the version of a type',
    table: ZERO,
    steps: [
      ['TABLE_LOAD a', 'EINVAL'],
      ['GET_TARGET_VERSION zero', 'ENOTTY'],
    ],
    code: 'EINVAL',
    field: undefined,
    hint: undefined,
  },
  ...['ENODEV', 'ENOENT'].map((errno) => ({
    title: `a missing path, ${errno} as ${errno === 'ENODEV' ? 'Linux 6.1 returns' : 'later kernels return'} it`,
    table: given('/nonexistent/disk 0'),
    steps: [['TABLE_LOAD a', errno]] as const,
    code: 'ENOENT',
    field: 'table[1].params',
    hint: '/nonexistent/disk does not exist',
  })),
  ...['ENODEV', 'ENOTBLK'].map((errno) => ({
    title: `a path that is not a block device, ${errno}`,
    table: given('/dev/null 0'),
    steps: [['TABLE_LOAD a', errno]] as const,
    code: 'ENOTBLK',
    field: 'table[1].params',
    hint: '/dev/null is not a block device',
  })),
  // Regression test: the check of the path failed with Node's error instead of the DmError.
  {
    title: 'a path below a regular file',
    table: given('/etc/passwd/disk 0'),
    steps: [['TABLE_LOAD a', 'ENODEV']],
    code: 'ENOTDIR',
    field: 'table[1].params',
    hint: 'Cannot access /etc/passwd/disk: ENOTDIR',
  },
  {
    title: 'device numbers only',
    table: given('7:0 0'),
    steps: [['TABLE_LOAD a', 'ENODEV']],
    code: 'ENODEV',
    field: undefined,
    hint: undefined,
  },
  {
    title: 'an errno without a relation to paths',
    table: given('/nonexistent/disk 0'),
    steps: [['TABLE_LOAD a', 'EPERM']],
    code: 'EPERM',
    field: undefined,
    hint: undefined,
  },
];

test('a failed diagnosis leaves the error of the load unchanged', async (t) => {
  const dm = await scripted(t, [
    ['TABLE_LOAD a', 'EINVAL'],
    [
      'GET_TARGET_VERSION zero',
      () => {
        throw new Error('the transport broke');
      },
    ],
  ]);
  const error = await t.throwsAsync<DmError>(dm.load('a', ZERO), { code: 'EINVAL' });
  t.is(error.command, 'DM_TABLE_LOAD');
});

for (const { title, table, steps, code, field, hint } of DIAGNOSES) {
  test(`a failed load: ${title}`, async (t) => {
    const dm = await scripted(t, steps);
    const error = await t.throwsAsync<DmError>(dm.load('a', table), { name: 'DmError', code });
    t.is(error.command, 'DM_TABLE_LOAD');
    t.is(error.device, 'a');
    t.is(error.field, field);
    t.is(error.hint, hint);
    if (field !== undefined) t.like(error.cause, { name: 'DmError', command: 'DM_TABLE_LOAD' });
  });
}
