// The calls that the kernel rejects, and their error codes: the same on every kernel.

import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import {
  linear,
  type ThinPoolFeature,
  type ThinPoolStatus,
  thin,
  thinPool,
  zero,
} from '../../../src/dm/targets/index.ts';
import {
  type DeviceInfo,
  DeviceMapper,
  type DeviceRef,
  DmError,
  InputError,
  isDmError,
  makeDev,
  type TargetInput,
} from '../../../src/index.ts';
import { errnoNumber } from '../../../src/ioctl/libc/errno.ts';
import type { Suite } from '../../../vm/suites.ts';
import { startDmts } from '../../support/cli/dmts.ts';
import {
  full,
  readSectors,
  writeInBackground,
  writeSectors,
} from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import {
  MiB,
  openDm,
  scratchDevice,
  scratchDirectory,
  scratchLoop,
  scratchPool,
  uniqueName,
} from '../../support/kernel/scratch.ts';
import { runningSuite } from '../../support/kernel/target-support.ts';

const SECTOR = 512;
/** Sectors of a pool's block, and of a pool of eight blocks. */
const BLOCK = 128;
const EIGHT_BLOCKS = 8 * BLOCK;

/** The expected error of a call. */
interface Refusal {
  readonly code: string;
  readonly command: string;
  readonly device: string;
  readonly reason?: RegExp | undefined;
  readonly hint?: RegExp | undefined;
  readonly field?: string | undefined;
}

/** The common shape of every error. */
async function assertRefused(
  t: ExecutionContext,
  call: () => Promise<unknown>,
  { code, command, device, reason, hint, field }: Refusal,
): Promise<DmError | undefined> {
  const error = await t.throwsAsync(call, { instanceOf: DmError });
  if (error === undefined) return undefined;
  t.like(error, {
    code,
    errno: -errnoNumber(code),
    syscall: 'ioctl',
    command,
    device,
    field,
  });
  if (reason) t.regex(error.reason ?? '', reason);
  if (hint) t.regex(error.hint ?? '', hint);
  return error;
}

const assertInput = async (
  t: ExecutionContext,
  call: () => Promise<unknown>,
  field: string,
  given: string,
): Promise<void> => {
  const expected = { instanceOf: InputError, code: 'ERR_DMTS_INPUT' };
  const error = await t.throwsAsync(call, expected, given);
  t.is((error as InputError | undefined)?.field, field, given);
};

const ZERO: readonly TargetInput[] = [zero({ length: 2048 })];

const poolStatus = async (dm: DeviceMapper, name: string): Promise<ThinPoolStatus> =>
  thinPool.parseStatus((await dm.status(name, { noFlush: true })).targets[0]!.params);

/** Hold a block device open until the test ends. */
function hold(t: ExecutionContext, path: string, flags = 0): void {
  const fd = openSync(path, constants.O_RDONLY | flags);
  t.teardown(() => closeSync(fd));
}

// ---------------------------------------------------------------- a device that is not there

type Verb = readonly [
  command: string,
  verb: string,
  call: (dm: DeviceMapper, ref: DeviceRef) => Promise<unknown>,
];

const VERBS: readonly Verb[] = [
  ['DM_DEV_STATUS', 'info', (dm, ref) => dm.info(ref)],
  ['DM_TABLE_STATUS', 'status', (dm, ref) => dm.status(ref)],
  ['DM_TABLE_STATUS', 'table', (dm, ref) => dm.table(ref)],
  ['DM_TABLE_DEPS', 'deps', (dm, ref) => dm.deps(ref)],
  ['DM_DEV_STATUS', 'wait', (dm, ref) => dm.wait(ref)],
  ['DM_DEV_WAIT', 'wait for an event number', (dm, ref) => dm.wait(ref, { eventNr: 0 })],
  ['DM_TABLE_LOAD', 'load', (dm, ref) => dm.load(ref, ZERO)],
  ['DM_TABLE_LOAD', 'reload', (dm, ref) => dm.reload(ref, ZERO)],
  ['DM_TABLE_CLEAR', 'clear', (dm, ref) => dm.clear(ref)],
  ['DM_DEV_SUSPEND', 'suspend', (dm, ref) => dm.suspend(ref)],
  // The call reads the table first, in case the kernel rejects the new one.
  ['DM_DEV_STATUS', 'resume', (dm, ref) => dm.resume(ref)],
  ['DM_DEV_RENAME', 'rename', (dm, ref) => dm.rename(ref, uniqueName())],
  ['DM_DEV_RENAME', 'setUuid', (dm, ref) => dm.setUuid(ref, uniqueName())],
  ['DM_DEV_REMOVE', 'remove', (dm, ref) => dm.remove(ref)],
  ['DM_DEV_REMOVE', 'deferred remove', (dm, ref) => dm.remove(ref, { deferred: true })],
  ['DM_TARGET_MSG', 'message', (dm, ref) => dm.message(ref, 'hello')],
  ['DM_TARGET_MSG', 'cancelDeferredRemove', (dm, ref) => dm.cancelDeferredRemove(ref)],
  [
    'DM_DEV_SET_GEOMETRY',
    'setGeometry',
    (dm, ref) => dm.setGeometry(ref, { cylinders: 1, heads: 1, sectors: 1, start: 0 }),
  ],
];

for (const [command, verb, call] of VERBS) {
  test(`ENXIO: ${verb} of a name that does not exist`, async (t) => {
    const dm = await openDm(t);
    const device = uniqueName('absent');
    await assertRefused(t, () => call(dm, device), {
      code: 'ENXIO',
      command,
      device,
      hint: /No device has this name/,
    });
  });
}

test('ENXIO: every call, with a uuid and with a device number that do not exist', async (t) => {
  const dm = await openDm(t);
  const { major } = await scratchDevice(t, dm);
  for (const [, , call] of VERBS) {
    for (const [ref, device] of [
      [{ uuid: 'dmts-test-absent' }, 'dmts-test-absent'],
      [{ dev: makeDev(major, 1_048_575) }, `${major}:1048575`],
    ] as const) {
      const error = await t.throwsAsync(() => call(dm, ref), { instanceOf: DmError });
      t.like(error, { code: 'ENXIO', errno: -errnoNumber('ENXIO'), device });
    }
  }
});

test('exists returns false instead', async (t) => {
  const dm = await openDm(t);
  t.false(await dm.exists(uniqueName('absent')));
  t.true(await dm.exists((await scratchDevice(t, dm)).name));
});

// ---------------------------------------------------------------- devices

/** The rejected call and its setup. */
interface Attempt {
  readonly device: string;
  readonly call: () => Promise<unknown>;
}

interface Row {
  readonly given: string;
  readonly code: string;
  readonly command: string;
  readonly reason?: RegExp;
  readonly hint?: RegExp;
  readonly field?: string;
  readonly arrange: (t: ExecutionContext, dm: DeviceMapper) => Promise<Attempt>;
}

const DEVICES: readonly Row[] = [
  {
    given: 'create, the name is in use',
    code: 'EBUSY',
    command: 'DM_DEV_CREATE',
    hint: /name or uuid already exists/,
    arrange: async (t, dm) => {
      const { name } = await scratchDevice(t, dm);
      return { device: name, call: () => dm.create(name) };
    },
  },
  {
    given: 'create, the uuid is in use',
    code: 'EBUSY',
    command: 'DM_DEV_CREATE',
    hint: /name or uuid already exists/,
    arrange: async (t, dm) => {
      const uuid = uniqueName('uuid');
      await scratchDevice(t, dm, { uuid });
      const device = uniqueName();
      return { device, call: () => dm.create(device, { uuid }) };
    },
  },
  {
    given: 'create, the minor number is in use',
    code: 'ENXIO',
    command: 'DM_DEV_CREATE',
    hint: /minor number is in use/,
    arrange: async (t, dm) => {
      const { minor } = await scratchDevice(t, dm);
      const device = uniqueName();
      return { device, call: () => dm.create(device, { minor }) };
    },
  },
  {
    given: 'rename to a name in use',
    code: 'EBUSY',
    command: 'DM_DEV_RENAME',
    hint: /in use/,
    arrange: async (t, dm) => {
      const [one, other] = [await scratchDevice(t, dm), await scratchDevice(t, dm)];
      return { device: one.name, call: () => dm.rename(one.name, other.name) };
    },
  },
  {
    given: 'rename to its current name',
    code: 'EBUSY',
    command: 'DM_DEV_RENAME',
    hint: /in use/,
    arrange: async (t, dm) => {
      const { name } = await scratchDevice(t, dm);
      return { device: name, call: () => dm.rename(name, name) };
    },
  },
  {
    given: 'a second uuid',
    code: 'EINVAL',
    command: 'DM_DEV_RENAME',
    hint: /set once/,
    arrange: async (t, dm) => {
      const { name } = await scratchDevice(t, dm);
      await dm.setUuid(name, uniqueName('uuid'));
      return { device: name, call: () => dm.setUuid(name, uniqueName('uuid')) };
    },
  },
  {
    given: 'a uuid of another device',
    code: 'EBUSY',
    command: 'DM_DEV_RENAME',
    hint: /in use/,
    arrange: async (t, dm) => {
      const uuid = uniqueName('uuid');
      await scratchDevice(t, dm, { uuid });
      const { name } = await scratchDevice(t, dm);
      return { device: name, call: () => dm.setUuid(name, uuid) };
    },
  },
  {
    given: 'remove of a device that a process has open',
    code: 'EBUSY',
    command: 'DM_DEV_REMOVE',
    hint: /It is open/,
    arrange: async (t, dm) => {
      const { name, path } = await scratchDevice(t, dm, { table: ZERO });
      hold(t, path);
      return { device: name, call: () => dm.remove(name) };
    },
  },
  {
    given: 'remove of a device below another device',
    code: 'EBUSY',
    command: 'DM_DEV_REMOVE',
    hint: /It is open/,
    arrange: async (t, dm) => {
      const { name, path } = await scratchDevice(t, dm, { table: ZERO });
      await scratchDevice(t, dm, { table: [linear({ length: 8, device: path })] });
      return { device: name, call: () => dm.remove(name) };
    },
  },
  {
    given: 'remove of a device below an inactive table',
    code: 'EBUSY',
    command: 'DM_DEV_REMOVE',
    hint: /It is open/,
    arrange: async (t, dm) => {
      const { name, path } = await scratchDevice(t, dm, { table: ZERO });
      const upper = await scratchDevice(t, dm);
      await dm.load(upper.name, [linear({ length: 8, device: path })]);
      return { device: name, call: () => dm.remove(name) };
    },
  },
  {
    given: 'remove, and again',
    code: 'ENXIO',
    command: 'DM_DEV_REMOVE',
    hint: /No device has this name/,
    arrange: async (t, dm) => {
      const { name } = await scratchDevice(t, dm);
      await dm.remove(name);
      return { device: name, call: () => dm.remove(name) };
    },
  },
  {
    given: 'resume of a suspended device without a table',
    code: 'EINVAL',
    command: 'DM_DEV_SUSPEND',
    arrange: async (t, dm) => {
      const { name } = await scratchDevice(t, dm);
      t.true((await dm.suspend(name)).suspended);
      return { device: name, call: () => dm.resume(name) };
    },
  },
  {
    given: 'the version of an unknown target type',
    code: 'EINVAL',
    command: 'DM_GET_TARGET_VERSION',
    arrange: async (_, dm) => ({ device: 'nosuch', call: () => dm.targetVersion('nosuch') }),
  },
];

for (const { given, arrange, ...refusal } of DEVICES) {
  test(`${refusal.code}: ${given}`, async (t) => {
    const dm = await openDm(t);
    const { device, call } = await arrange(t, dm);
    await assertRefused(t, call, { ...refusal, device });
  });
}

// ---------------------------------------------------------------- tables

/** Devices and files that parameters of a table can name. */
interface Below {
  /** Loop devices of 8 MiB, filled with zeros. */
  readonly a: string;
  readonly b: string;
  /** A regular file. */
  readonly file: string;
  /** A mapped device that is not a pool. */
  readonly other: string;
}

interface TableRow {
  readonly given: string;
  readonly code: string;
  readonly type: string;
  readonly params: (below: Below) => string;
  readonly reason: RegExp;
  readonly length?: number;
  readonly readOnly?: boolean;
  readonly field?: string;
  /** The code from the kernel, where the library returns a more precise one. */
  readonly kernelCode?: Readonly<Record<Suite, string>>;
}

/** The kernels' codes for a path that does not exist; the library returns ENOENT on all of them. */
const ABSENT: TableRow['kernelCode'] = { bookworm: 'ENODEV', trixie: 'ENOENT', sid: 'ENOENT' };

const pool = (given: string, params: TableRow['params'], reason: RegExp): TableRow => ({
  given: `thin-pool, ${given}`,
  code: 'EINVAL',
  type: 'thin-pool',
  params,
  reason,
});

const TABLES: readonly TableRow[] = [
  {
    given: 'an unknown target type',
    code: 'EINVAL',
    type: 'nosuch',
    params: () => '1 2 3',
    reason: /unknown target type/,
    field: 'table[0].type',
  },
  {
    given: 'linear, no parameters',
    code: 'EINVAL',
    type: 'linear',
    params: () => '',
    reason: /Invalid argument count/,
  },
  {
    given: 'linear, an invalid offset',
    code: 'EINVAL',
    type: 'linear',
    params: ({ a }) => `${a} 0x8`,
    reason: /Invalid device sector/,
  },
  {
    given: 'linear, longer than the device below',
    code: 'EINVAL',
    type: 'linear',
    params: ({ a }) => `${a} 0`,
    length: (8 * MiB) / SECTOR + 1,
    reason: /too small for target/,
  },
  {
    given: 'linear, no device at that path',
    code: 'ENOENT',
    type: 'linear',
    params: () => '/dev/dmts-test-absent 0',
    reason: /Device lookup failed/,
    field: 'table[0].params',
  },
  {
    given: 'linear, a regular file',
    code: 'ENOTBLK',
    type: 'linear',
    params: ({ file }) => `${file} 0`,
    reason: /Device lookup failed/,
    field: 'table[0].params',
  },
  {
    given: 'linear, a character device',
    code: 'ENOTBLK',
    type: 'linear',
    params: () => '/dev/null 0',
    reason: /Device lookup failed/,
    field: 'table[0].params',
  },
  {
    given: 'linear, an unknown device number',
    code: 'ENXIO',
    type: 'linear',
    params: () => '240:77 0',
    reason: /Device lookup failed/,
  },
  {
    given: 'striped, more stripes than devices',
    code: 'EINVAL',
    type: 'striped',
    params: ({ a }) => `2 8 ${a} 0`,
    reason: /Not enough destinations/,
  },
  {
    given: 'striped, chunks of size zero',
    code: 'EINVAL',
    type: 'striped',
    params: ({ a }) => `1 0 ${a} 0`,
    reason: /chunk.size/i,
  },
  {
    given: 'striped, a length that is not a multiple of the chunk',
    code: 'EINVAL',
    type: 'striped',
    params: ({ a, b }) => `2 8 ${a} 0 ${b} 0`,
    length: 2050,
    reason: /not divisible/,
  },
  pool('no words', () => '', /Invalid argument count/),
  pool('one word', ({ a }) => a, /Invalid argument count/),
  pool('two words', ({ a, b }) => `${a} ${b}`, /Invalid argument count/),
  pool('three words', ({ a, b }) => `${a} ${b} 128`, /Invalid argument count/),
  pool('the same device twice', ({ a }) => `${a} ${a} 128 0`, /metadata or data device/),
  pool('a block of 64 sectors', ({ a, b }) => `${a} ${b} 64 0`, /Invalid block size/),
  pool('a block of 185 sectors', ({ a, b }) => `${a} ${b} 185 0`, /Invalid block size/),
  pool('a block of 192 sectors', ({ a, b }) => `${a} ${b} 192 0`, /Invalid block size/),
  pool('a block of 2^21 + 1 sectors', ({ a, b }) => `${a} ${b} 2097153 0`, /Invalid block size/),
  pool('a block of 2^21 + 128', ({ a, b }) => `${a} ${b} 2097280 0`, /Invalid block size/),
  pool('a negative low-water mark', ({ a, b }) => `${a} ${b} 128 -1`, /Invalid low water mark/),
  pool('an unknown feature', ({ a, b }) => `${a} ${b} 128 0 1 nosuch`, /Unrecognised pool feature/),
  pool(
    'more features announced than given',
    ({ a, b }) => `${a} ${b} 128 0 2 read_only`,
    /Invalid number of pool feature arguments/,
  ),
  {
    ...pool('longer than its data device', ({ a, b }) => `${a} ${b} 128 0`, /too small/),
    length: (8 * MiB) / SECTOR + BLOCK,
  },
  {
    ...pool('no metadata device', ({ b }) => `/dev/dmts-test-absent ${b} 128 0`, /metadata/),
    code: 'ENOENT',
    kernelCode: ABSENT,
    field: 'table[0].params',
  },
  {
    ...pool('no data device', ({ a }) => `${a} /dev/dmts-test-absent 128 0`, /data device/),
    code: 'ENOENT',
    kernelCode: ABSENT,
    field: 'table[0].params',
  },
  {
    ...pool(
      'read_only on unformatted metadata',
      ({ a, b }) => `${a} ${b} 128 0 1 read_only`,
      /Error creating metadata object/,
    ),
    code: 'EPERM',
  },
  {
    ...pool('in a read-only table', ({ a, b }) => `${a} ${b} 128 0`, /read-only table/),
    readOnly: true,
  },
  {
    given: 'thin, no pool at that path',
    code: 'ENOENT',
    kernelCode: ABSENT,
    type: 'thin',
    params: () => '/dev/dmts-test-absent 0',
    reason: /Error opening pool device/,
    field: 'table[0].params',
  },
  {
    given: 'thin, a loop device as its pool',
    code: 'EINVAL',
    type: 'thin',
    params: ({ a }) => `${a} 0`,
    reason: /Couldn't get pool mapped device/,
  },
  {
    given: 'thin, a mapped device that is not a pool',
    code: 'EINVAL',
    type: 'thin',
    params: ({ other }) => `${other} 0`,
    reason: /Couldn't find pool object/,
  },
  {
    given: 'thin, one word',
    code: 'EINVAL',
    type: 'thin',
    params: ({ other }) => other,
    reason: /Invalid argument count/,
  },
];

for (const row of TABLES) {
  const { given, type, params, length = 2048, readOnly = false, kernelCode, ...refusal } = row;
  test(`${refusal.code}: load of ${given}`, async (t) => {
    const dm = await openDm(t);
    const file = join(scratchDirectory(t), 'file');
    writeFileSync(file, Buffer.alloc(MiB));
    const below: Below = {
      a: await scratchLoop(t),
      b: await scratchLoop(t),
      file,
      other: (await scratchDevice(t, dm, { table: ZERO })).path,
    };
    const { name: device } = await scratchDevice(t, dm);
    const table = [{ length, type, params: params(below) }];
    const expected = { ...refusal, command: 'DM_TABLE_LOAD', device };
    const refused = await assertRefused(t, () => dm.load(device, table, { readOnly }), expected);
    const answer = refused?.cause instanceof DmError ? refused.cause : refused;
    if (kernelCode) t.is(answer?.code, kernelCode[runningSuite]);
    t.like(await dm.info(device), { live: false, inactive: false, suspended: false });

    const made = uniqueName();
    const create = (): Promise<unknown> => dm.create(made, { table, readOnly });
    await assertRefused(t, create, { ...expected, device: made });
    t.false(await dm.exists(made), 'the rejected load leaves no device');
  });
}

/** Reloads of a device that has a table, and the expected reason. */
const RELOADS: readonly Row[] = [
  {
    given: 'load, another program has claimed a device below',
    code: 'EBUSY',
    command: 'DM_TABLE_LOAD',
    reason: /Device lookup failed/,
    hint: /claimed/,
    arrange: async (t, dm) => {
      const below = await scratchLoop(t);
      hold(t, below, constants.O_EXCL);
      const { name } = await scratchDevice(t, dm);
      const table = [linear({ length: 8, device: below })];
      return { device: name, call: () => dm.load(name, table) };
    },
  },
  {
    given: 'load, a pool among other targets',
    code: 'EINVAL',
    command: 'DM_TABLE_LOAD',
    reason: /must appear alone/,
    arrange: async (t, dm) => {
      const [metadataDevice, dataDevice] = [await scratchLoop(t), await scratchLoop(t)];
      const { name } = await scratchDevice(t, dm);
      const table = [
        zero({ length: 8 }),
        thinPool({ length: EIGHT_BLOCKS, metadataDevice, dataDevice }),
      ];
      return { device: name, call: () => dm.load(name, table) };
    },
  },
  {
    given: 'load, a target after a pool',
    code: 'EINVAL',
    command: 'DM_TABLE_LOAD',
    reason: /must appear alone/,
    arrange: async (t, dm) => {
      const [metadataDevice, dataDevice] = [await scratchLoop(t), await scratchLoop(t)];
      const { name } = await scratchDevice(t, dm);
      const table = [
        thinPool({ length: EIGHT_BLOCKS, metadataDevice, dataDevice }),
        zero({ length: 8 }),
      ];
      return { device: name, call: () => dm.load(name, table) };
    },
  },
  {
    given: 'load of a second pool over the same metadata',
    code: 'EBUSY',
    command: 'DM_TABLE_LOAD',
    reason: /metadata device already in use/,
    arrange: async (t, dm) => {
      const { metadataDevice } = await scratchPool(t, dm);
      const dataDevice = await scratchLoop(t);
      const { name } = await scratchDevice(t, dm);
      const table = [thinPool({ length: EIGHT_BLOCKS, metadataDevice, dataDevice })];
      return { device: name, call: () => dm.load(name, table) };
    },
  },
  {
    given: 'reload of a pool with ignore_discard',
    code: 'EINVAL',
    command: 'DM_TABLE_LOAD',
    reason: /Discard support cannot be disabled/,
    arrange: async (t, dm) => {
      const { name, metadataDevice, dataDevice } = await scratchPool(t, dm, { data: 8 * MiB });
      const features = ['ignore_discard'] as const;
      const length = (8 * MiB) / SECTOR;
      const table = [thinPool({ length, metadataDevice, dataDevice, features })];
      return { device: name, call: () => dm.reload(name, table) };
    },
  },
  {
    given: 'reload of a pool as a linear device',
    code: 'EINVAL',
    command: 'DM_TABLE_LOAD',
    reason: /immutable target type/,
    arrange: async (t, dm) => {
      const { name } = await scratchPool(t, dm);
      const table = [linear({ length: 8, device: await scratchLoop(t) })];
      return { device: name, call: () => dm.reload(name, table) };
    },
  },
  {
    given: 'resume of a pool with a smaller table',
    code: 'EINVAL',
    command: 'DM_DEV_SUSPEND',
    reason: /too small/,
    hint: /runs on its old table again/,
    arrange: async (t, dm) => {
      const { name, metadataDevice, dataDevice } = await scratchPool(t, dm, { data: 8 * MiB });
      const table = [thinPool({ length: EIGHT_BLOCKS, metadataDevice, dataDevice })];
      await dm.load(name, table);
      t.true((await dm.suspend(name)).suspended, 'load and suspend have succeeded');
      return { device: name, call: () => dm.resume(name) };
    },
  },
];

for (const { given, arrange, ...refusal } of RELOADS) {
  test(`${refusal.code}: ${given}`, async (t) => {
    const dm = await openDm(t);
    const { device, call } = await arrange(t, dm);
    const before = await dm.table(device);
    await assertRefused(t, call, { ...refusal, device });
    const after = await dm.table(device);
    t.deepEqual(after.targets, before.targets);
    t.like(after.info, { inactive: false, suspended: false });
  });
}

/** The interface of Linux 6.1, which accepts a table that maps a device onto itself. */
const TAKES_ITSELF = 47;

test('EINVAL: load of a table that maps a device onto itself, on kernels that check it', async (t) => {
  const dm = await openDm(t);
  const { name: device, path } = await scratchDevice(t, dm, { table: ZERO });
  const load = (): Promise<DeviceInfo> => dm.load(device, [linear({ length: 8, device: path })]);
  const [, minor] = await dm.version();
  if (minor <= TAKES_ITSELF) {
    t.like(await load(), { inactive: true, openCount: 1 }, 'the device holds itself open');
    await dm.clear(device);
    t.like(await dm.info(device), { inactive: false, openCount: 0 });
    return;
  }
  const reason = /Device lookup failed/;
  await assertRefused(t, load, { code: 'EINVAL', command: 'DM_TABLE_LOAD', device, reason });
});

// ---------------------------------------------------------------- messages

interface MessageRow {
  readonly given: string;
  readonly code: string;
  readonly text: string;
  /** Messages that are sent first and accepted. */
  readonly first?: readonly string[];
  readonly reason?: RegExp;
}

const MESSAGES: readonly MessageRow[] = [
  { given: 'an unknown message', code: 'EINVAL', text: 'nosuch', reason: /Unrecognised/ },
  {
    given: 'create_thin of an existing id',
    code: 'EEXIST',
    text: 'create_thin 0',
    first: ['create_thin 0'],
    reason: /Creation of new thinly-provisioned device with id 0 failed/,
  },
  { given: 'create_thin of 2^24', code: 'EINVAL', text: 'create_thin 16777216' },
  { given: 'create_thin of -1', code: 'EINVAL', text: 'create_thin -1' },
  { given: 'create_thin in hexadecimal', code: 'EINVAL', text: 'create_thin 0x8' },
  { given: 'create_thin without an id', code: 'EINVAL', text: 'create_thin' },
  { given: 'create_thin of two ids', code: 'EINVAL', text: 'create_thin 1 2' },
  {
    given: 'create_snap of an existing id',
    code: 'EEXIST',
    text: 'create_snap 0 0',
    first: ['create_thin 0'],
  },
  { given: 'create_snap of a missing origin', code: 'ENODATA', text: 'create_snap 1 0' },
  { given: 'create_snap of itself', code: 'ENODATA', text: 'create_snap 1 1' },
  { given: 'create_snap of one id', code: 'EINVAL', text: 'create_snap 1' },
  {
    given: 'delete of an unknown id',
    code: 'ENODATA',
    text: 'delete 0',
    reason: /Deletion of thin device 0 failed/,
  },
  { given: 'set_transaction_id from a wrong one', code: 'EINVAL', text: 'set_transaction_id 1 2' },
  {
    given: 'a second metadata snapshot',
    code: 'EBUSY',
    text: 'reserve_metadata_snap',
    first: ['reserve_metadata_snap'],
  },
  {
    given: 'release of a missing metadata snapshot',
    code: 'EINVAL',
    text: 'release_metadata_snap',
  },
];

for (const { given, text, first = [], ...refusal } of MESSAGES) {
  test(`${refusal.code}: ${given}`, async (t) => {
    const dm = await openDm(t);
    const { name: device } = await scratchPool(t, dm, { data: MiB });
    for (const message of first) t.is(await dm.message(device, message), undefined);
    await assertRefused(t, () => dm.message(device, text), {
      ...refusal,
      command: 'DM_TARGET_MSG',
      device,
    });
    t.like(await poolStatus(dm, device), { mode: 'rw', needsCheck: false });
  });
}

/** Messages to devices of other types. */
const NO_RECIPIENTS: readonly (readonly [
  given: string,
  table: readonly TargetInput[] | undefined,
  text: string,
])[] = [
  ['a message to a target that accepts none', ZERO, 'hello'],
  ['an unknown message to the device mapper', ZERO, '@nosuch'],
  ['a message to a device without a table', undefined, 'hello'],
];

for (const [given, table, text] of NO_RECIPIENTS) {
  test(`EINVAL: ${given}`, async (t) => {
    const dm = await openDm(t);
    const { name: device } = await scratchDevice(t, dm, table && { table });
    await assertRefused(t, () => dm.message(device, text, { core: true }), {
      code: 'EINVAL',
      command: 'DM_TARGET_MSG',
      device,
    });
  });
}

test('EINVAL: a message to a sector after the last target', async (t) => {
  const dm = await openDm(t);
  const { name: device } = await scratchPool(t, dm, { data: MiB });
  const call = (): Promise<unknown> =>
    dm.message(device, 'create_thin 0', { sector: MiB / SECTOR });
  await assertRefused(t, call, { code: 'EINVAL', command: 'DM_TARGET_MSG', device });
});

// ---------------------------------------------------------------- thin devices

const thinTable = ({ path }: DeviceInfo, id: number): readonly TargetInput[] => [
  thin({ length: EIGHT_BLOCKS, pool: path, id }),
];

type ThinRow = Omit<Row, 'arrange'> & {
  readonly arrange: (t: ExecutionContext, dm: DeviceMapper, pool: DeviceInfo) => Promise<Attempt>;
};

const THINS: readonly ThinRow[] = [
  {
    given: 'delete of an active thin device',
    code: 'EBUSY',
    command: 'DM_TARGET_MSG',
    arrange: async (t, dm, pool) => {
      await scratchDevice(t, dm, { table: thinTable(pool, 0) });
      return { device: pool.name, call: () => dm.message(pool.name, 'delete 0') };
    },
  },
  {
    given: 'delete of a thin device that only an inactive table names',
    code: 'EBUSY',
    command: 'DM_TARGET_MSG',
    arrange: async (t, dm, pool) => {
      await dm.load((await scratchDevice(t, dm)).name, thinTable(pool, 0));
      return { device: pool.name, call: () => dm.message(pool.name, 'delete 0') };
    },
  },
  {
    given: 'activation while the pool is suspended',
    code: 'EINVAL',
    command: 'DM_TABLE_LOAD',
    reason: /Unable to activate thin device while pool is suspended/,
    arrange: async (t, dm, pool) => {
      await dm.suspend(pool.name);
      t.teardown(() => dm.resume(pool.name));
      const device = uniqueName();
      return { device, call: () => dm.create(device, { table: thinTable(pool, 0) }) };
    },
  },
  {
    given: 'activation of an unknown id',
    code: 'ENODATA',
    command: 'DM_TABLE_LOAD',
    reason: /Couldn't open thin internal device/,
    arrange: async (_, dm, pool) => {
      const device = uniqueName();
      return { device, call: () => dm.create(device, { table: thinTable(pool, 1) }) };
    },
  },
  {
    given: 'activation of an id out of range',
    code: 'EINVAL',
    command: 'DM_TABLE_LOAD',
    reason: /Invalid device id/,
    arrange: async (_, dm, pool) => {
      const device = uniqueName();
      const params = `${pool.path} ${2 ** 24}`;
      const table = [{ length: EIGHT_BLOCKS, type: 'thin', params }];
      return { device, call: () => dm.create(device, { table }) };
    },
  },
];

for (const { given, arrange, ...refusal } of THINS) {
  test(`${refusal.code}: ${given}`, async (t) => {
    const dm = await openDm(t);
    const pool = await scratchPool(t, dm, { data: MiB });
    await dm.message(pool.name, 'create_thin 0');
    const { device, call } = await arrange(t, dm, pool);
    await assertRefused(t, call, { ...refusal, device });
  });
}

// ---------------------------------------------------------------- pools that reject messages

/** EOPNOTSUPP has two names on Linux; Node uses this one. */
const NOT_SUPPORTED = 'ENOTSUP';

interface BrokenPool {
  readonly mode: string;
  readonly status: object;
  readonly make: (t: ExecutionContext, dm: DeviceMapper) => Promise<string>;
}

/** A pool on a new metadata device, and a function that creates another on the same two devices. */
async function remakeablePool(
  t: ExecutionContext,
  dm: DeviceMapper,
  metadataDevice: string,
): Promise<{ name: string; remake: (features: readonly ThinPoolFeature[]) => Promise<string> }> {
  const dataDevice = await scratchLoop(t, MiB);
  const make = async (features: readonly ThinPoolFeature[]): Promise<string> => {
    const table = [thinPool({ length: MiB / SECTOR, metadataDevice, dataDevice, features })];
    return (await scratchDevice(t, dm, { table }, uniqueName('pool'))).name;
  };
  const name = await make([]);
  const remake = async (features: readonly ThinPoolFeature[]): Promise<string> => {
    await dm.remove(name);
    return make(features);
  };
  return { name, remake };
}

const BROKEN_POOLS: readonly BrokenPool[] = [
  {
    mode: 'was opened read_only',
    status: { state: 'working', mode: 'ro', needsCheck: false },
    make: async (t, dm) => {
      const { remake } = await remakeablePool(t, dm, await scratchLoop(t, 4 * MiB));
      return remake(['read_only']);
    },
  },
  {
    mode: 'has no metadata blocks left',
    status: {
      state: 'working',
      mode: 'ro',
      needsCheck: false,
      metadata: { used: 64n, total: 64n },
    },
    make: async (t, dm) => {
      const { name } = await remakeablePool(t, dm, await scratchLoop(t, 256 * 1024));
      for (let id = 0; id < 64; id++) {
        try {
          await dm.message(name, `create_thin ${id}`);
        } catch (error) {
          if (!isDmError(error)) throw error;
          t.log(`create_thin ${id} was the first rejected message (${error.code})`);
          return name;
        }
      }
      throw new Error('64 thin devices fit in 64 blocks');
    },
  },
  {
    mode: 'has lost its metadata device',
    status: { state: 'fail' },
    make: async (t, dm) => {
      const below = await scratchLoop(t, 4 * MiB);
      const length = (4 * MiB) / SECTOR;
      const table = [linear({ length, device: below })];
      const metadata = await scratchDevice(t, dm, { table }, uniqueName('meta'));
      const { name } = await remakeablePool(t, dm, metadata.path);
      await dm.reload(metadata.name, [{ length, type: 'error' }]);
      // The kernel does not report that this commit failed; it rejects the next message.
      await dm.message(name, 'create_thin 0').catch(() => undefined);
      return name;
    },
  },
];

for (const { mode, status, make } of BROKEN_POOLS) {
  test(`ENOTSUP: every message to a pool that ${mode}`, async (t) => {
    const dm = await openDm(t);
    const device = await make(t, dm);
    t.like(await poolStatus(dm, device), status);
    for (const text of [
      'create_thin 1000',
      'create_snap 1001 0',
      'delete 0',
      'set_transaction_id 0 1',
      'reserve_metadata_snap',
      'release_metadata_snap',
      'nosuch',
    ]) {
      await assertRefused(t, () => dm.message(device, text), {
        code: NOT_SUPPORTED,
        command: 'DM_TARGET_MSG',
        device,
        reason: /unable to service pool target messages/,
      });
    }
  });
}

// ---------------------------------------------------------------- accepted by the kernel

test('accepted: names with a blank, and of 127 bytes', async (t) => {
  const dm = await openDm(t);
  const [blank, long] = [`${uniqueName()} b`, uniqueName().padEnd(127, 'x')];
  await scratchDevice(t, dm, {}, blank);
  await scratchDevice(t, dm, {}, long);
  t.like(await dm.info(blank), { name: blank, mangledName: blank.replace(' ', '\\x20') });
  t.like(await dm.info(long), { name: long, mangledName: long });
});

test('accepted: an unmangled name with a blank, and a uuid of 128 bytes', async (t) => {
  const dm = await openDm(t, { mangling: 'none' });
  const [name, uuid] = [`${uniqueName()} b`, uniqueName().padEnd(128, 'x')];
  const { dev } = await dm.create(name, { uuid, table: ZERO });
  t.teardown(() => dm.remove({ dev }, { retryMs: 10_000 }));
  t.like(await dm.info({ uuid }), { name, mangledName: name, uuid, dev });
  t.true((await dm.list()).some((device) => device.mangledName === name && device.uuid === uuid));
});

test('accepted: resume of a device that never had a table', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm);
  t.like(await dm.resume(name), { live: false, suspended: false });
});

test('accepted: a second suspend, a second resume and a second clear', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  for (const round of ['first', 'second']) t.true((await dm.suspend(name)).suspended, round);
  for (const round of ['first', 'second']) t.false((await dm.resume(name)).suspended, round);
  await dm.load(name, ZERO);
  for (const round of ['first', 'second']) t.false((await dm.clear(name)).inactive, round);
});

/** Spellings of a thin id that the kernel accepts, and the id that it parses from each. */
const SPELLINGS: readonly (readonly [text: string, id: number])[] = [
  ['create_thin 16777215', 2 ** 24 - 1],
  ['create_thin +7', 7],
  ['create_thin 08', 8],
  ['CREATE_THIN 9', 9],
  ['Create_Thin 10', 10],
];

for (const [text, id] of SPELLINGS) {
  test(`accepted: "${text}"`, async (t) => {
    const dm = await openDm(t);
    const pool = await scratchPool(t, dm, { data: MiB });
    await dm.message(pool.name, text);
    const device = await scratchDevice(t, dm, { table: thinTable(pool, id) });
    t.true(device.live);
  });
}

test('accepted: each message to a pool in capitals', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchPool(t, dm, { data: MiB });
  const messages = ['CREATE_THIN 0', 'CREATE_SNAP 1 0', 'DELETE 1', 'SET_TRANSACTION_ID 0 1'];
  for (const text of [...messages, 'RESERVE_METADATA_SNAP', 'RELEASE_METADATA_SNAP']) {
    t.is(await dm.message(name, text), undefined, text);
  }
  t.like(await poolStatus(dm, name), { transactionId: 1n, heldRoot: undefined });
});

test('accepted: the largest transaction id', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchPool(t, dm, { data: MiB });
  await dm.message(name, `set_transaction_id 0 ${2n ** 64n - 1n}`);
  t.like(await poolStatus(dm, name), { transactionId: 2n ** 64n - 1n });
});

test('accepted: create_thin while the pool is suspended', async (t) => {
  const dm = await openDm(t);
  const pool = await scratchPool(t, dm, { data: MiB });
  await dm.suspend(pool.name);
  await dm.message(pool.name, 'create_thin 0');
  await dm.resume(pool.name);
  t.true((await scratchDevice(t, dm, { table: thinTable(pool, 0) })).live);
});

test('accepted: one thin id under two names, with the same content', async (t) => {
  const dm = await openDm(t);
  const pool = await scratchPool(t, dm, { data: MiB });
  await dm.message(pool.name, 'create_thin 0');
  const one = await scratchDevice(t, dm, { table: thinTable(pool, 0) });
  const other = await scratchDevice(t, dm, { table: thinTable(pool, 0) });
  writeSectors(one.path, 0, full('x', 8));
  t.deepEqual(readSectors(other.path, 0, 8), full('x', 8));
});

test('accepted: messages to a pool that is out of data space', async (t) => {
  const dm = await openDm(t);
  const pool = await scratchPool(t, dm, {
    data: EIGHT_BLOCKS * SECTOR,
    features: ['error_if_no_space'],
  });
  await dm.message(pool.name, 'create_thin 0');
  const table = [thin({ length: EIGHT_BLOCKS + BLOCK, pool: pool.path, id: 0 })];
  const { path } = await scratchDevice(t, dm, { table });
  t.throws(() => writeSectors(path, 0, full('x', EIGHT_BLOCKS + BLOCK)), { code: 'EIO' });
  t.like(await poolStatus(dm, pool.name), {
    state: 'working',
    mode: 'out_of_data_space',
    data: { used: 8n, total: 8n },
  });
  const messages = ['create_thin 1', 'create_snap 2 1', 'delete 1', 'set_transaction_id 0 1'];
  for (const text of [...messages, 'reserve_metadata_snap', 'release_metadata_snap']) {
    t.is(await dm.message(pool.name, text), undefined, text);
  }
  t.like(await poolStatus(dm, pool.name), { transactionId: 1n });
});

test('accepted and ignored: another block size at a reload', async (t) => {
  const dm = await openDm(t);
  const { name, metadataDevice, dataDevice } = await scratchPool(t, dm, { data: MiB });
  const before = await dm.table(name);
  const length = MiB / SECTOR;
  await dm.reload(name, [thinPool({ length, metadataDevice, dataDevice, blockSize: 256 })]);
  const after = await dm.table(name);
  t.deepEqual(after.targets, before.targets);
  t.is(thinPool.parseParams(after.targets[0]!.params).blockSize, 128n);
  t.like(await poolStatus(dm, name), { data: { used: 0n, total: 16n } });
});

// ---------------------------------------------------------------- rejected before the kernel sees it

type InputCall = (dm: DeviceMapper, device: DeviceInfo, loops: readonly string[]) => unknown;

const poolOf = (blockSize: number, lowWaterMark = 0): InputCall => {
  return (dm, { name }, [metadataDevice = '', dataDevice = '']) =>
    dm.load(name, [
      thinPool({ length: 2048, metadataDevice, dataDevice, blockSize, lowWaterMark }),
    ]);
};

const INPUTS: readonly (readonly [given: string, field: string, call: InputCall])[] = [
  ['create of an empty name', 'name', (dm) => dm.create('')],
  ['create of a name with "/"', 'name', (dm) => dm.create('a/b')],
  ['create of "control"', 'name', (dm) => dm.create('control')],
  ['create of "."', 'name', (dm) => dm.create('.')],
  ['create of ".."', 'name', (dm) => dm.create('..')],
  ['create of a name of 128 bytes', 'name', (dm) => dm.create('x'.repeat(128))],
  ['create of a uuid of 129 bytes', 'uuid', (dm) => dm.create('x', { uuid: 'u'.repeat(129) })],
  ['create with minor number 2^20', 'minor', (dm) => dm.create('x', { minor: 2 ** 20 })],
  [
    'lookup by name and uuid',
    'device',
    (dm, { name }) => dm.info({ name, uuid: 'u' } as unknown as DeviceRef),
  ],
  ['lookup without a key', 'device', (dm) => dm.info({} as unknown as DeviceRef)],
  ['load of an empty table', 'table', (dm, { name }) => dm.load(name, [])],
  [
    'load of a zero length',
    'table[0].length',
    (dm, { name }) => dm.load(name, [zero({ length: 0 })]),
  ],
  [
    'load with a gap',
    'table[1].start',
    (dm, { name }) => dm.load(name, [zero({ length: 8 }), zero({ start: 9, length: 8 })]),
  ],
  [
    'load with an overlap',
    'table[1].start',
    (dm, { name }) => dm.load(name, [zero({ length: 8 }), zero({ start: 7, length: 8 })]),
  ],
  [
    'load of 2^64 - 1 sectors',
    'table[0].length',
    (dm, { name }) => dm.load(name, [zero({ length: 2n ** 64n - 1n })]),
  ],
  ['a pool with a block of 64 sectors', 'thin-pool.blockSize', poolOf(64)],
  ['a pool with a block of 185 sectors', 'thin-pool.blockSize', poolOf(185)],
  ['a pool with a block of 192 sectors', 'thin-pool.blockSize', poolOf(192)],
  ['a pool with a block of 2^21 + 1', 'thin-pool.blockSize', poolOf(2 ** 21 + 1)],
  ['a pool with a block of 2^21 + 128', 'thin-pool.blockSize', poolOf(2 ** 21 + 128)],
  ['a pool with a negative low-water mark', 'thin-pool.lowWaterMark', poolOf(128, -1)],
  ['thin id 2^24', 'thin.id', (dm, pool) => dm.load(pool.name, thinTable(pool, 2 ** 24))],
  ['thin id -1', 'thin.id', (dm, pool) => dm.load(pool.name, thinTable(pool, -1))],
  ['rename to an empty name', 'newName', (dm, { name }) => dm.rename(name, '')],
  ['rename to a name with "/"', 'newName', (dm, { name }) => dm.rename(name, 'a/b')],
  ['rename to 128 bytes', 'newName', (dm, { name }) => dm.rename(name, 'x'.repeat(128))],
  ['an empty message', 'message', (dm, { name }) => dm.message(name, '')],
  ['a message of blanks', 'message', (dm, { name }) => dm.message(name, '  ')],
  [
    'a message that begins with "@"',
    'message',
    (dm, { name }) => dm.message(name, '@cancel_deferred_remove'),
  ],
];

test('invalid input fails before any system call, and the error names the field', async (t) => {
  const dm = await openDm(t);
  const device = await scratchDevice(t, dm);
  const loops = [await scratchLoop(t), await scratchLoop(t)];
  for (const [given, field, call] of INPUTS) {
    await assertInput(t, async () => call(dm, device, loops), field, given);
  }
  t.like(await dm.info(device.name), { live: false, inactive: false });
});

// ---------------------------------------------------------------- without permission

const INDEX = new URL('../../../src/index.js', import.meta.url).href;
/** Runs `before`, opens the device mapper, and prints the outcome. */
const opensAfter = (before: string): string => `
  const { DeviceMapper } = await import(${JSON.stringify(INDEX)});
  ${before};
  const report = await DeviceMapper.open({ nodes: false }).then(
    () => ({ code: 'opened' }),
    ({ name, code, errno, syscall, command, device, hint }) =>
      ({ name, code, errno, syscall, command, device, hint }),
  );
  console.log(JSON.stringify(report));
`;

/** Run a process that opens the device mapper with fewer privileges. @returns the outcome */
function openWith(privileges: readonly string[], before = ''): unknown {
  const node = [process.execPath, '--input-type=module', '--eval', opensAfter(before)];
  const { stdout, stderr } = spawnSync('setpriv', [...privileges, ...node], { encoding: 'utf8' });
  return stdout === '' ? stderr : JSON.parse(stdout);
}

test('EACCES: the kernel rejects root without CAP_SYS_ADMIN', (t) => {
  t.like(openWith(['--bounding-set', '-sys_admin', '--inh-caps', '-sys_admin']), {
    name: 'DmError',
    code: 'EACCES',
    errno: -13,
    syscall: 'ioctl',
    command: 'DM_VERSION',
    hint: 'The kernel requires CAP_SYS_ADMIN in the initial user namespace',
  });
});

test('EACCES: the node rejects an unprivileged user', (t) => {
  t.like(openWith([], 'process.setgroups([]); process.setuid(65534)'), {
    name: 'DmError',
    code: 'EACCES',
    errno: -13,
    syscall: 'open',
    command: undefined,
    device: '/dev/mapper/control',
    hint: 'Only root may use the device mapper',
  });
});

test('a process with all privileges can open it', (t) => {
  t.deepEqual(openWith([]), { code: 'opened' });
});

test('ENOENT: neither the control node nor its directory exists', async (t) => {
  const devDir = join(scratchDirectory(t), 'missing');
  const error = await t.throwsAsync(DeviceMapper.open({ devDir }), { instanceOf: DmError });
  t.like(error, {
    code: 'ENOENT',
    errno: -2,
    syscall: 'open',
    command: undefined,
    device: `${devDir}/mapper/control`,
  });
});

// ---------------------------------------------------------------- aborts

const aborted = new Error('aborted by the test');

test('an abort interrupts a suspend that waits for I/O, and the device keeps running', async (t) => {
  const dm = await openDm(t);
  const metadataDevice = await scratchLoop(t, 4 * MiB);
  const dataDevice = await scratchLoop(t, 2 * EIGHT_BLOCKS * SECTOR);
  const sized = (length: number): readonly TargetInput[] => [
    thinPool({ length, metadataDevice, dataDevice }),
  ];
  const pool = await scratchDevice(t, dm, { table: sized(EIGHT_BLOCKS) }, uniqueName('pool'));
  await dm.message(pool.name, 'create_thin 0');
  const table = [thin({ length: EIGHT_BLOCKS + BLOCK, pool: pool.path, id: 0 })];
  const device = await scratchDevice(t, dm, { table });
  writeSectors(device.path, 0, full('x', EIGHT_BLOCKS));
  const writer = writeInBackground(t, device.path, 8);
  // The write ends once the pool has space; before that the devices cannot be removed.
  t.teardown(() => dm.reload(pool.name, sized(2 * EIGHT_BLOCKS), { noFlush: true }));
  while ((await dm.info(pool.name)).eventNr === 0) await sleep(20);
  await sleep(500);

  const abort = new AbortController();
  const suspend = dm.suspend(device.name, { signal: abort.signal });
  await sleep(1000);
  t.false((await dm.info(device.name)).suspended, 'it waits');
  abort.abort(aborted);
  t.is(await t.throwsAsync(suspend), aborted);
  t.false((await dm.info(device.name)).suspended);
  t.false(writer.done(), 'the write is still queued');
});

test('an abort interrupts a wait and leaves the device unchanged', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  const abort = new AbortController();
  const wait = dm.wait(name, { signal: abort.signal });
  await sleep(200);
  const before = await dm.info(name);
  abort.abort(aborted);
  t.is(await t.throwsAsync(wait), aborted);
  t.deepEqual(await dm.info(name), before);
});

test('removeAll with an aborted signal removes nothing', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm);
  t.is(await t.throwsAsync(dm.removeAll({ signal: AbortSignal.abort(aborted) })), aborted);
  t.true(await dm.exists(name));
});

/** Create enough devices to observe the removal. Resolves as soon as the kernel has begun to remove them. */
async function manyDevices(t: ExecutionContext, dm: DeviceMapper) {
  const all = 60;
  t.teardown(() => dm.removeAll());
  for (let i = 0; i < all; i++) await dm.create(uniqueName(), { table: ZERO });
  return {
    all,
    begun: async () => {
      while ((await dm.list()).length === all) await sleep(1);
    },
  };
}

test('an abort during removeAll does not end it by a signal', async (t) => {
  const dm = await openDm(t);
  const { all, begun } = await manyDevices(t, dm);
  const abort = new AbortController();
  const removal = dm.removeAll({ signal: abort.signal });
  await begun();
  abort.abort(aborted);
  // On one processor the kernel may have removed all devices before this list.
  t.log(`${(await dm.list()).length} of ${all} remain`);
  await t.notThrowsAsync(removal);
  t.deepEqual(await dm.list(), []);
});

test('a process killed during removeAll: Linux 7 keeps the remaining devices, older kernels remove all', async (t) => {
  const dm = await openDm(t);
  const { all, begun } = await manyDevices(t, dm);
  const { child, ended } = startDmts(['remove_all', '--yes']);
  await begun();
  child.kill('SIGKILL');
  t.is((await ended).signal, 'SIGKILL');
  const left = (await dm.list()).length;
  t.log(`${left} of ${all} remain`);
  if (runningSuite === 'sid') t.true(left > 0 && left < all);
  else t.is(left, 0);
});

// ---------------------------------------------------------------- the reason

test('the reason belongs to this call, even when other calls fail at the same time', async (t) => {
  const dm = await openDm(t);
  const rows = [
    ['linear', '', /^linear: Invalid argument count$/],
    ['striped', '0 8', /^striped: .*stripe/i],
    ['nosuch', '', /^nosuch: unknown target type/],
  ] as const;
  const devices = await Promise.all(rows.map(() => scratchDevice(t, dm)));
  await Promise.all(
    rows.map(async ([type, params, reason], i) => {
      const { name: device } = devices[i]!;
      await assertRefused(t, () => dm.load(device, [{ length: 8, type, params }]), {
        code: 'EINVAL',
        command: 'DM_TABLE_LOAD',
        device,
        reason,
        field: type === 'nosuch' ? 'table[0].type' : undefined,
      });
    }),
  );
});

test('nothing is left', assertNothingLeft);
