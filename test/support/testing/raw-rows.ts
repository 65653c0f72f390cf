// Replies of kernels to raw requests, for tests of the model kernel and of the running kernel. Measured on Linux 6.1
// (interface 47), 6.12 (48) and 7.x (50).

import { type DmHeader, dmTargetSpec } from '../../../src/dm/wire/abi.ts';
import { Dm, type DmCommand, DmFlag } from '../../../src/testing/index.ts';

/** The device of the rows: 8 sectors of zeros, with this uuid. `LINEAR` is 8 sectors of a disk. */
export const DEVICE = 'dmts-raw';
export const UUID = 'DMTS-RAW';
export const LINEAR = 'dmts-raw-linear';
/** The device that rows create. */
export const CREATED: readonly string[] = ['control', '.', '..'];

/** The interface of Linux 6.1, which accepts requests that later ones reject. */
const OLD = 47;

/** An errno, or fields of the reply's header. */
type Expected = string | Partial<DmHeader>;

export interface RawRow {
  readonly title: string;
  readonly command: DmCommand;
  readonly header: Partial<DmHeader>;
  readonly payload?: string | Buffer;
  readonly expected: Expected | ((minor: number) => Expected);
}

/** Succeeds before Linux 6.12, and fails since. */
const okOnce = (minor: number): Expected => (minor <= OLD ? {} : 'EINVAL');

/** The struct of a zero target, and the bytes up to the next one. */
function spec(sectorStart: bigint, length: bigint, next: number, size = 48): Buffer {
  const bytes = Buffer.alloc(size);
  dmTargetSpec.encodeInto({ sectorStart, length, status: 0, next, targetType: 'zero' }, bytes);
  return bytes;
}

const load = (
  title: string,
  specs: readonly Buffer[],
  expected: RawRow['expected'],
  header: Partial<DmHeader> = {},
): RawRow => ({
  title: `load of ${title}`,
  command: Dm.TABLE_LOAD,
  header: { name: DEVICE, targetCount: specs.length, ...header },
  payload: Buffer.concat(specs),
  expected,
});

/** Two zero targets, the second `at` bytes after the start of the first, as in its `next`. */
const two = (at: number): readonly Buffer[] => [spec(0n, 8n, at, at), spec(8n, 8n, 0)];

const LOOKUPS: readonly (readonly [DmCommand, Partial<DmHeader>, (string | Buffer)?])[] = [
  [Dm.DEV_STATUS, {}],
  [Dm.DEV_REMOVE, {}],
  [Dm.DEV_SUSPEND, { flags: DmFlag.SUSPEND }],
  [Dm.DEV_SUSPEND, {}],
  [Dm.DEV_WAIT, {}],
  [Dm.DEV_RENAME, {}, 'dmts-raw-new'],
  [Dm.TABLE_LOAD, { targetCount: 1 }, spec(0n, 8n, 0)],
  [Dm.TABLE_CLEAR, {}],
  [Dm.TABLE_DEPS, {}],
  [Dm.TABLE_STATUS, {}],
  [Dm.TARGET_MSG, {}, Buffer.concat([Buffer.alloc(8), Buffer.from('word\0')])],
  [Dm.DEV_SET_GEOMETRY, {}, '1 1 1 0'],
];

const create = (name: string, expected: RawRow['expected']): RawRow => ({
  title: `create of ${JSON.stringify(name)}`,
  command: Dm.DEV_CREATE,
  header: { name },
  expected,
});

const rename = (
  to: string,
  expected: RawRow['expected'],
  header: Partial<DmHeader> = {},
): RawRow => ({
  title: `rename to ${JSON.stringify(to).slice(0, 20)} ${JSON.stringify(header)}`,
  command: Dm.DEV_RENAME,
  header: { name: DEVICE, ...header },
  payload: to,
  expected,
});

const status = (
  title: string,
  header: Partial<DmHeader>,
  expected: RawRow['expected'],
): RawRow => ({
  title: `status with ${title}`,
  command: Dm.DEV_STATUS,
  header: { name: DEVICE, ...header },
  expected,
});

const { ACTIVE_PRESENT, BUFFER_FULL } = DmFlag;

/** The rows. Each runs with new devices. */
export const RAW_ROWS: readonly RawRow[] = [
  create('', 'EINVAL'),
  create('a/b', 'EINVAL'),
  ...CREATED.map((name) => create(name, okOnce)),
  create(DEVICE, 'EBUSY'),

  ...LOOKUPS.flatMap(([command, header, payload = '']): readonly RawRow[] => [
    {
      title: `${command.name} (flags ${header.flags ?? 0}) by name and uuid`,
      command,
      header: { ...header, name: DEVICE, uuid: UUID },
      payload,
      expected: 'EINVAL',
    },
    {
      title: `${command.name} (flags ${header.flags ?? 0}) by neither`,
      command,
      header,
      payload,
      expected: 'ENXIO',
    },
    {
      title: `${command.name} (flags ${header.flags ?? 0}) of a missing device`,
      command,
      header: { ...header, name: 'dmts-raw-absent' },
      payload,
      expected: 'ENXIO',
    },
  ]),

  load('a target', [spec(0n, 8n, 0)], {}),
  load('no sectors', [spec(0n, 0n, 0)], 'EINVAL'),
  load('a gap', [spec(0n, 8n, 48), spec(9n, 8n, 0)], 'EINVAL'),
  load('an overlap', [spec(0n, 8n, 48), spec(7n, 8n, 0)], 'EINVAL'),
  load('a start that is not 0', [spec(8n, 8n, 0)], 'EINVAL'),
  load('2^64 - 1 sectors', [spec(0n, 2n ** 64n - 1n, 0)], 'EINVAL'),
  load(
    'a type there is none of',
    [Buffer.from(spec(0n, 8n, 0)).fill('nosuch\0', 24, 31)],
    'EINVAL',
  ),
  load('a second target 48 bytes on', two(48), {}),
  load('a second target 44 bytes on', two(44), okOnce),
  ...[0, 8, 40].map((next) =>
    load(`a next of ${next}`, [spec(0n, 8n, next), spec(8n, 8n, 0)], 'EINVAL'),
  ),
  load('a next beyond the end', [spec(0n, 8n, 4096), spec(8n, 8n, 0)], 'EINVAL'),
  load('nothing', [], 'EINVAL'),
  load('2^32 - 1 targets', [], 'EOVERFLOW', { targetCount: 0xffffffff }),
  load('1048577 targets', [], 'EOVERFLOW', { targetCount: 1_048_577 }),
  load('what begins inside the header', [spec(0n, 8n, 0)], okOnce, { dataStart: 304 }),

  rename('', 'EINVAL'),
  rename('a/b', 'EINVAL'),
  rename('x'.repeat(128), 'EINVAL'),
  rename(DEVICE, 'EBUSY'),
  rename(LINEAR, 'EBUSY'),
  rename('dmts-raw-new', { name: DEVICE }, { dataStart: 305 }),
  rename('dmts-raw-new', 'EINVAL', { dataStart: 304 }),

  {
    title: 'an empty message',
    command: Dm.TARGET_MSG,
    header: { name: DEVICE },
    payload: Buffer.alloc(9),
    expected: 'EINVAL',
  },

  status('a buffer of 304 bytes', { dataSize: 304 }, 'EINVAL'),
  status('a buffer of 305 bytes', { dataSize: 305 }, { targetCount: 1, dataSize: 305 }),
  status('a buffer of 2^30 bytes', { dataSize: 2 ** 30 }, { targetCount: 1, dataSize: 305 }),
  status('a buffer of more', { dataSize: 2 ** 30 + 1 }, 'EINVAL'),
  status('a buffer of 2^32 - 1 bytes', { dataSize: 0xffffffff }, 'EINVAL'),
  status('major 3', { version: [3, 0, 0] }, 'EINVAL'),
  status('major 5', { version: [5, 0, 0] }, 'EINVAL'),

  {
    title: 'a list without space',
    command: Dm.LIST_DEVICES,
    header: { dataSize: 320 },
    expected: { flags: BUFFER_FULL, dataSize: 305 },
  },
  {
    title: 'a status of targets without space',
    command: Dm.TABLE_STATUS,
    header: { name: DEVICE, dataSize: 352 },
    expected: { flags: BUFFER_FULL | ACTIVE_PRESENT, targetCount: 1, dataSize: 305 },
  },
  {
    title: 'dependencies without space',
    command: Dm.TABLE_DEPS,
    header: { name: LINEAR, dataSize: 320 },
    expected: { flags: BUFFER_FULL | ACTIVE_PRESENT, dataSize: 305 },
  },
  {
    title: 'dependencies with exactly the space',
    command: Dm.TABLE_DEPS,
    header: { name: LINEAR, dataSize: 328 },
    expected: { flags: ACTIVE_PRESENT, dataSize: 328 },
  },
];

/** The expected outcome of a row on an interface. */
export const expectedOf = ({ expected }: RawRow, minor: number): Expected =>
  typeof expected === 'function' ? expected(minor) : expected;
