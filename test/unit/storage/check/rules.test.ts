// The rules of a check: which facts are a difference. The kernel tests produce the facts.

import test from 'ava';
import type { DeviceInfo } from '../../../../src/dm/reply/device-info.ts';
import type { DeviceFacts, PoolFacts, StorageFacts } from '../../../../src/storage/check/facts.ts';
import { findingsOf } from '../../../../src/storage/check/rules.ts';
import { StorageError } from '../../../../src/storage/config/errors.ts';
import type { LayerRecord } from '../../../../src/storage/directory/records.ts';
import type { Superblock } from '../../../../src/thin/metadata/superblock.ts';

const record = (deviceId: number, changes: Partial<LayerRecord> = {}): LayerRecord => ({
  deviceId,
  size: 1n << 26n,
  transactionId: BigInt(deviceId) + 1n,
  initialized: false,
  deleted: false,
  ...changes,
});

const device = (name: string, changes: Partial<DeviceInfo> = {}): DeviceInfo => ({
  name,
  mangledName: name,
  uuid: undefined,
  dev: 0xfd05n,
  major: 253,
  minor: 5,
  path: '/dev/dm-5',
  openCount: 0,
  eventNr: 0,
  targetCount: 1,
  suspended: false,
  readOnly: false,
  live: true,
  inactive: false,
  deferredRemove: false,
  internallySuspended: false,
  flags: 0,
  ...changes,
});

const POOL: PoolFacts = {
  name: 'docker-pool',
  external: false,
  info: device('docker-pool', { dev: 0xfd00n, minor: 0 }),
  status: {
    state: 'working',
    transactionId: 2n,
    metadata: { used: 10n, total: 1000n },
    data: { used: 10n, total: 1000n },
    heldRoot: undefined,
    mode: 'rw',
    discard: 'discard_passdown',
    noSpace: 'queue_if_no_space',
    needsCheck: false,
    metadataLowWaterMark: undefined,
    extra: [],
  },
  content: undefined,
  census: new Map([
    [0, { mappedBlocks: 5n, transactionId: 0n, creationTime: 0, snapTime: 0 }],
    [1, { mappedBlocks: 5n, transactionId: 1n, creationTime: 1, snapTime: 0 }],
  ]),
};

const GOOD: StorageFacts = {
  names: ['base', 'a', 'deviceset-metadata', 'transaction-metadata', '.reserve', 'old.migrated'],
  faults: [],
  layers: new Map([
    ['', record(0, { initialized: true })],
    ['a', record(1)],
  ]),
  transaction: { openId: 2n, hash: 'a', deviceId: 1 },
  deviceSet: { nextDeviceId: 1, baseUuid: 'one', baseFilesystem: 'ext4' },
  layout: {
    root: '/s',
    metadata: '/s/metadata',
    loop: '/s/loop',
    mounts: '/s/mnt',
    prefix: 'docker',
  },
  pool: POOL,
  devices: [],
  mounted: new Set(),
  growths: new Map(),
  base: { header: { type: 'ext4', uuid: 'one', size: 1n << 26n } },
  damage: undefined,
};

const pool = (changes: Partial<PoolFacts>): Partial<StorageFacts> => ({
  pool: { ...POOL, ...changes },
});
const layers = (...rows: readonly (readonly [string, LayerRecord])[]): Partial<StorageFacts> => ({
  layers: new Map(rows),
});
const BASE_ROW = ['', record(0, { initialized: true })] as const;
const ofLayer = (changes: Partial<DeviceInfo>, name = 'docker-a'): DeviceFacts => ({
  info: device(name, changes),
  thin: { id: 1, pool: '253:0' },
});
const superblock = (dataBlocks: bigint) => ({ dataBlocks }) as Superblock;
const inactive = (content: PoolFacts['content']) =>
  pool({ info: undefined, status: undefined, census: undefined, content });
const EMPTY = { layers: new Map<string, LayerRecord>(), transaction: undefined, base: undefined };

const ROWS: readonly (readonly [
  what: string,
  facts: Partial<StorageFacts>,
  found: readonly string[],
])[] = [
  ['all is in order', {}, []],
  ['a layer is mounted', { devices: [ofLayer({ openCount: 1 })], mounted: new Set(['a']) }, []],
  ['a layer is held by another program', { devices: [ofLayer({ openCount: 1 })] }, []],
  ['a layer is active for nobody', { devices: [ofLayer({})] }, ['device-idle: repair']],
  [
    'its device waits for its removal',
    { devices: [ofLayer({ deferredRemove: true, openCount: 1 })] },
    [],
  ],
  [
    'its device is another thin device',
    { devices: [{ ...ofLayer({ openCount: 1 }), thin: { id: 7, pool: '253:0' } }] },
    ['device-foreign: person'],
  ],
  [
    'its device is on another pool',
    { devices: [{ ...ofLayer({ openCount: 1 }), thin: { id: 1, pool: '253:9' } }] },
    ['device-foreign: person'],
  ],
  ['the pool is active', { devices: [{ info: POOL.info!, thin: undefined }] }, []],
  [
    'the pool is not active, and its device has no table',
    {
      ...pool({ info: undefined }),
      devices: [{ info: device('docker-pool', { live: false }), thin: undefined }],
    },
    ['device-without-table: repair'],
  ],
  [
    'the pool of another program is suspended',
    pool({ external: true, info: device('tank', { suspended: true }) }),
    ['pool-suspended-external: blocks'],
  ],
  [
    'the pool of another program has other thin devices',
    pool({
      external: true,
      census: new Map([
        ...POOL.census!,
        [9, { mappedBlocks: 0n, transactionId: 2n, creationTime: 2, snapTime: 0 }],
      ]),
    }),
    [],
  ],
  [
    'the own pool has another thin device',
    pool({
      census: new Map([
        ...POOL.census!,
        [9, { mappedBlocks: 0n, transactionId: 2n, creationTime: 2, snapTime: 0 }],
      ]),
    }),
    ['thin-unrecorded: person'],
  ],
  [
    'the pool cannot be found',
    { pool: new StorageError({ code: 'ERR_STORAGE_POOL', subject: 'x', problem: 'y' }) },
    ['pool-missing: blocks'],
  ],
  [
    'a new directory has no pool',
    { ...EMPTY, pool: new StorageError({ code: 'ERR_STORAGE_POOL', subject: 'x', problem: 'y' }) },
    [],
  ],
  [
    'a new directory has a blank pool',
    { ...EMPTY, ...inactive({ state: 'unformatted' }) },
    ['pool-incomplete: repair'],
  ],
  ['layers have a blank pool', inactive({ state: 'unformatted' }), ['pool-missing: blocks']],
  [
    'a new directory has half a pool',
    { ...EMPTY, ...inactive({ state: 'pool', superblock: superblock(0n) }) },
    ['pool-incomplete: repair'],
  ],
  [
    'layers have half a pool',
    inactive({ state: 'pool', superblock: superblock(0n) }),
    ['pool-missing: blocks'],
  ],
  ['an inactive pool', inactive({ state: 'pool', superblock: superblock(9n) }), []],
  [
    'a damaged superblock',
    inactive({ state: 'corrupt', why: 'checksum' }),
    ['pool-missing: blocks'],
  ],
  [
    'another format',
    inactive({ state: 'foreign', what: 'ext4 filesystem' }),
    ['pool-missing: blocks'],
  ],
  [
    'a pool that needs a check',
    pool({
      status: {
        ...(POOL.status as Extract<PoolFacts['status'], { state: 'working' }>),
        mode: 'ro',
        needsCheck: true,
      },
    }),
    ['pool-state: person'],
  ],
  ['a failed pool', pool({ status: { state: 'fail' }, census: undefined }), ['pool-state: person']],
  ['thin_check finds errors', { damage: 'bad block' }, ['metadata-damaged: person']],
  [
    'a pending create',
    { transaction: { openId: 3n, hash: 'b', deviceId: 2 } },
    ['transaction-pending: repair'],
  ],
  [
    'a pending create whose thin device exists',
    {
      transaction: { openId: 3n, hash: 'b', deviceId: 2 },
      ...pool({
        census: new Map([
          ...POOL.census!,
          [2, { mappedBlocks: 0n, transactionId: 2n, creationTime: 2, snapTime: 0 }],
        ]),
      }),
    },
    ['transaction-pending: repair'],
  ],
  [
    'a pending deletion',
    { transaction: { openId: 3n, hash: 'a', deviceId: 1 } },
    ['transaction-pending: repair'],
  ],
  [
    'a transaction of another pool',
    { transaction: { openId: 9n, hash: 'a', deviceId: 1 } },
    ['transaction-mismatch: blocks'],
  ],
  [
    'a pending transaction of another layer with this thin device',
    { transaction: { openId: 3n, hash: 'b', deviceId: 1 } },
    ['transaction-contradiction: blocks'],
  ],
  [
    'a layer without its thin device',
    layers(BASE_ROW, ['a', record(1)], ['b', record(5)]),
    ['thin-missing: person'],
  ],
  [
    'a removed layer without its thin device',
    layers(BASE_ROW, ['a', record(1)], ['b', record(5, { deleted: true })]),
    ['deletion-pending: repair'],
  ],
  [
    'a record of another transaction',
    layers(BASE_ROW, ['a', record(1, { transactionId: 1n })]),
    ['thin-foreign: person'],
  ],
  [
    'two records with one thin device',
    layers(BASE_ROW, ['a', record(1)], ['b', record(1)]),
    ['record-duplicate: blocks'],
  ],
  [
    'a removed layer in use',
    {
      ...layers(BASE_ROW, ['a', record(1, { deleted: true })]),
      devices: [ofLayer({ openCount: 1, deferredRemove: true })],
    },
    [],
  ],
  [
    'a removed layer that is mounted',
    { ...layers(BASE_ROW, ['a', record(1, { deleted: true })]), mounted: new Set(['a']) },
    [],
  ],
  [
    'no record of the base device',
    { ...layers(['a', record(1)]), base: undefined },
    ['base-record: blocks', 'thin-unrecorded: person'],
  ],
  [
    'a deleted base device',
    layers(['', record(0, { deleted: true, initialized: true })], ['a', record(1)]),
    ['base-record: blocks'],
  ],
  [
    'an incomplete base device with a layer',
    layers(['', record(0)], ['a', record(1)]),
    ['base-record: blocks'],
  ],
  [
    'an incomplete base device alone',
    { ...layers(['', record(0)]), ...pool({ census: new Map([[0, POOL.census!.get(0)!]]) }) },
    ['base-incomplete: repair'],
  ],
  [
    'no filesystem on the base device',
    { base: { header: undefined } },
    ['base-filesystem: blocks'],
  ],
  [
    'another filesystem on the base device',
    { base: { header: { type: 'ext4', uuid: 'two', size: 1n } } },
    ['base-filesystem: blocks'],
  ],
  [
    'a growth that was interrupted',
    {
      devices: [ofLayer({ openCount: 1 })],
      growths: new Map([
        ['253:5', '/tmp/dmts-grow-1'],
        ['253:8', '/tmp/dmts-grow-2'],
      ]),
    },
    ['growth-interrupted: repair'],
  ],
  ['a mount without a layer', { mounted: new Set(['x']) }, ['mount-unknown: person']],
  [
    'files that do not belong there',
    { names: ['.tmp12', '.swp'] },
    ['file-unknown: person', 'file-temporary: repair'],
  ],
  [
    'a device of a view',
    { devices: [{ info: device('docker+look-pool'), thin: undefined }] },
    ['view-leftover: repair'],
  ],
];

for (const [what, facts, found] of ROWS) {
  test(what, (t) => {
    const findings = findingsOf({ ...GOOD, ...facts });
    t.deepEqual(
      findings.map(
        ({ code, remedy, blocks }) =>
          `${code}: ${blocks ? 'blocks' : remedy === undefined ? 'person' : 'repair'}`,
      ),
      found,
    );
    for (const { remedy, advice } of findings) t.true((remedy ?? advice) !== undefined);
  });
}
