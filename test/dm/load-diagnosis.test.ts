import test from 'ava';
import type { DmError } from '../../src/dm/errors.ts';
import type { TargetInput } from '../../src/dm/table.ts';
import { type Step, scripted, ZERO } from './scripted.ts';

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
    title: 'a kernel too old to be asked for a type',
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
    title: `a path that leads nowhere, ${errno} as ${errno === 'ENODEV' ? 'Linux 6.1 has' : 'later kernels have'} it`,
    table: given('/nonexistent/disk 0'),
    steps: [['TABLE_LOAD a', errno]] as const,
    code: 'ENOENT',
    field: 'table[1].params',
    hint: '/nonexistent/disk does not exist',
  })),
  ...['ENODEV', 'ENOTBLK'].map((errno) => ({
    title: `a path to something else, ${errno}`,
    table: given('/dev/null 0'),
    steps: [['TABLE_LOAD a', errno]] as const,
    code: 'ENOTBLK',
    field: 'table[1].params',
    hint: '/dev/null is not a block device',
  })),
  // This look itself used to fail, with an error of Node's in place of ours.
  {
    title: 'a path through a file',
    table: given('/etc/passwd/disk 0'),
    steps: [['TABLE_LOAD a', 'ENODEV']],
    code: 'ENOTDIR',
    field: 'table[1].params',
    hint: 'cannot access /etc/passwd/disk: ENOTDIR',
  },
  {
    title: 'numbers only',
    table: given('7:0 0'),
    steps: [['TABLE_LOAD a', 'ENODEV']],
    code: 'ENODEV',
    field: undefined,
    hint: undefined,
  },
  {
    title: 'an errno that no path explains',
    table: given('/nonexistent/disk 0'),
    steps: [['TABLE_LOAD a', 'EPERM']],
    code: 'EPERM',
    field: undefined,
    hint: undefined,
  },
];

test('a look that fails leaves the error of the load as it is', async (t) => {
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
  test(`a refused load: ${title}`, async (t) => {
    const dm = await scripted(t, steps);
    const error = await t.throwsAsync<DmError>(dm.load('a', table), { name: 'DmError', code });
    t.is(error.command, 'DM_TABLE_LOAD');
    t.is(error.device, 'a');
    t.is(error.field, field);
    t.is(error.hint, hint);
    if (field !== undefined) t.like(error.cause, { name: 'DmError', command: 'DM_TABLE_LOAD' });
  });
}
