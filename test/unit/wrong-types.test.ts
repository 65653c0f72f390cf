// Every public function and method, called with wrong types as untyped JavaScript may: a value of the wrong type in any
// position throws an InputError, and no system call is made.

import { Readable } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import * as targetsApi from '../../src/dm/targets/index.ts';
import * as rootApi from '../../src/index.ts';
import * as ioctlApi from '../../src/ioctl/index.ts';
import * as storageApi from '../../src/storage/index.ts';
import * as thinApi from '../../src/thin/index.ts';
import * as volumesApi from '../../src/volumes/index.ts';
import { EVERY_TARGET } from '../support/arbitraries/every-target.ts';
import { holds } from '../support/arbitraries/runs.ts';
import { methodsOf } from '../support/methods.ts';
import { modelPool } from '../support/thin/helpers.ts';

const api = { ...rootApi, ...targetsApi, ...ioctlApi, ...thinApi, ...storageApi, ...volumesApi };

const WRONG: readonly unknown[] = [
  undefined,
  null,
  0.5,
  Number.NaN,
  -1,
  -1n,
  12,
  12n,
  'text',
  true,
  {},
  [],
  [null],
  () => undefined,
];

/** A position of a call. */
interface Spec {
  readonly valid: unknown;
  /** The wrong values that are valid here. */
  readonly accepts: (value: unknown) => boolean;
  /** The fields of an object. */
  readonly fields?: Readonly<Record<string, Spec>>;
}

const spec = (valid: unknown, accepts: Spec['accepts']): Spec => ({ valid, accepts });
const isWhole = (value: unknown): boolean =>
  (typeof value === 'bigint' || Number.isSafeInteger(value)) && (value as bigint) >= 0;
const text = spec('text', (value) => typeof value === 'string');
const flag = spec(true, (value) => typeof value === 'boolean');
const size = spec(512n, isWhole);
const id = spec(1, (value) => value === 12);
const fn = spec(
  () => undefined,
  (value) => typeof value === 'function',
);
const list = spec([], (value) => Array.isArray(value) && value.length === 0);
const ms = spec(1, (value) => value === 12 || value === 0.5);
const percent = ms;
const dev = spec(64768n, (value) => value === 12n);
const optional = ({ valid, accepts, ...rest }: Spec): Spec => ({
  valid,
  accepts: (value) => value === undefined || accepts(value),
  ...rest,
});
const signal = optional(spec(new AbortController().signal, () => false));
const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = (fields: Readonly<Record<string, Spec>>, needed = true): Spec => ({
  valid: Object.fromEntries(Object.entries(fields).map(([name, { valid }]) => [name, valid])),
  accepts: needed ? () => false : isPlain,
  fields,
});
/** An object with these fields, or undefined. */
const objectOrNothing = (fields: Readonly<Record<string, Spec>>, needed = true): Spec =>
  optional(object(fields, needed));
/** Options, all of them optional. */
const options = (fields: Readonly<Record<string, Spec>> = {}): Spec =>
  optional(
    object(
      Object.fromEntries(
        Object.entries({ signal, ...fields }).map(([name, field]) => [name, optional(field)]),
      ),
      false,
    ),
  );

const { kernel } = await modelPool();
let sent = 0;
const counted = await api.DeviceMapper.open({
  transport: {
    ...kernel,
    ioctl: (call) => {
      sent += 1;
      return kernel.ioctl(call);
    },
  },
});
const countedPool = await api.ThinPool.open(counted, 'pool');

const table = spec([{ length: 8, type: 'zero' }], () => false);
const mapper = spec(counted, () => false);
const range = object({ start: size, length: size });
const rule = { thresholdPercent: optional(percent), step: size, ceiling: size };
const transaction = object({ from: size, to: size, intent: optional(fn), record: optional(fn) });
const change = options({ transaction, useReserve: flag });
const poolFields = {
  metadata: text,
  data: spec('other', (value) => typeof value === 'string'),
  lowWaterMark: optional(size),
  features: optional(list),
  uuid: optional(text),
  signal,
  reserve: optional(object({ dataPercent: optional(percent) }, false)),
  thresholds: optional(object({ metadataPercent: optional(percent) }, false)),
};
const tool = { toolsDir: text, metadataSnap: flag };
const status = options({ noFlush: flag, inactive: flag });
const suspend = { noFlush: flag, skipLockFs: flag };
const storage = api.DevicemapperStorage.prototype;

type Row = readonly [name: string, call: (...args: never[]) => unknown, ...specs: readonly Spec[]];
const d = counted as unknown as Record<string, (...args: never[]) => unknown>;
const p = countedPool as unknown as Record<string, (...args: never[]) => unknown>;
const v = (await api.PoolView.open(counted, 'pool')) as unknown as Record<
  string,
  (...args: never[]) => unknown
>;
const volumes = api.Volumes.prototype as unknown as Record<string, (...args: never[]) => unknown>;
const s = storage as unknown as Record<string, (...args: never[]) => unknown>;
const view = api.StorageView.prototype as unknown as Record<string, (...args: never[]) => unknown>;
const a = api as unknown as Record<string, (...args: never[]) => unknown>;
const method =
  (of: Record<string, (...args: never[]) => unknown>, name: string) =>
  (...args: never[]): unknown =>
    of[name]!.call(of, ...args);
const rowsOf = (
  of: Record<string, (...args: never[]) => unknown>,
  prefix: string,
  specs: Readonly<Record<string, readonly Spec[]>>,
): readonly Row[] =>
  Object.entries(specs).map(([name, row]) => [`${prefix}${name}`, method(of, name), ...row]);

const rows: readonly Row[] = [
  [
    'DeviceMapper.open',
    api.DeviceMapper.open as never,
    objectOrNothing(
      {
        mangling: optional(spec('auto', () => false)),
        devDir: optional(text),
        nodes: optional(flag),
        udev: optional(
          object({ sync: optional(flag), timeoutMs: optional(ms), flags: optional(list) }, false),
        ),
        threads: optional(flag),
        transport: optional(spec(kernel, () => false)),
      },
      false,
    ),
  ],
  ...rowsOf(d, 'DeviceMapper#', {
    makeNode: [text],
    targetVersion: [text],
    info: [text, optional(object({ inactive: optional(flag) }, false))],
    exists: [text],
    status: [text, status],
    table: [text, status],
    ima: [text, status],
    deps: [text, optional(object({ inactive: optional(flag) }, false))],
    wait: [text, options({ noFlush: flag, eventNr: spec(1, (value) => value === 12) })],
    create: [
      text,
      options({ table, uuid: text, minor: spec(1, (value) => value === 12), readOnly: flag }),
    ],
    load: [text, table, options({ readOnly: flag })],
    reload: [text, table, options({ readOnly: flag, ...suspend })],
    clear: [text, options()],
    suspend: [text, options(suspend)],
    resume: [text, options(suspend)],
    rename: [text, text, options()],
    setUuid: [text, text, options()],
    remove: [text, options({ retryMs: ms, deferred: flag, force: flag })],
    removeAll: [options({ deferred: flag })],
    cancelDeferredRemove: [text, options()],
    message: [text, text, options({ sector: size, core: flag })],
    setGeometry: [
      text,
      object({ cylinders: id, heads: id, sectors: id, start: spec(0, (value) => isWhole(value)) }),
      options(),
    ],
    watch: [options()],
    wakeups: [options()],
  }),
  [
    'ThinPool.create',
    api.ThinPool.create as never,
    mapper,
    text,
    object({
      ...poolFields,
      metadataSize: optional(size),
      dataSize: optional(size),
      blockSize: optional(spec(128, () => false)),
      overwrite: optional(flag),
    }),
  ],
  [
    'ThinPool.activate',
    api.ThinPool.activate as never,
    mapper,
    text,
    object({
      ...poolFields,
      expect: optional(object({ transactionId: optional(size), blockSize: optional(size) }, false)),
    }),
  ],
  [
    'ThinPool.open',
    api.ThinPool.open as never,
    mapper,
    text,
    optional(object({ owned: optional(flag) }, false)),
  ],
  [
    'PoolView.open',
    api.PoolView.open as never,
    mapper,
    text,
    optional(object({ sysDir: optional(text) }, false)),
  ],
  [
    'PoolView.all',
    api.PoolView.all as never,
    mapper,
    optional(object({ sysDir: optional(text) }, false)),
  ],
  ...rowsOf(v, 'PoolView#', {
    activeThin: [id],
    thinStatus: [id],
    mapped: [id, options()],
    thinDetails: [options()],
    withMetadata: [fn, options()],
    watch: [options()],
  }),
  ...rowsOf(p, 'ThinPool#', {
    withMetadataSnap: [fn, options()],
    discardThin: [
      id,
      object({ length: size, slice: optional(size), onProgress: optional(fn), signal }),
    ],
    createThin: [id, change],
    createSnap: [id, id, change],
    deleteThin: [id, change],
    setTransactionId: [size, size, options()],
    reserveMetadataSnap: [options()],
    releaseMetadataSnap: [options()],
    activateThin: [
      id,
      object({ length: size, name: optional(text), readOnly: optional(flag), signal }),
    ],
    deactivateThin: [id, options({ timeoutMs: ms, deferred: flag })],
    growThin: [id, size, options()],
    growData: [size, options({ lowWaterMark: size, overcommit: flag })],
    growMetadata: [size, options({ lowWaterMark: size, overcommit: flag })],
    deactivate: [options({ timeoutMs: ms, deferred: flag })],
    thins: [options()],
    compare: [id, id, options({ same: flag })],
    autoExtend: [
      object({ data: optional(object(rule)), metadata: optional(object(rule)), signal }, false),
    ],
  }),
  [
    'DevicemapperStorage.open',
    api.DevicemapperStorage.open as never,
    object({
      root: text,
      storageOptions: optional(list),
      acceptPool: optional(flag),
      readOnly: optional(flag),
      dm: optional(mapper),
      signal,
    }),
  ],
  [
    'StorageView.open',
    api.StorageView.open as never,
    object({ root: text, storageOptions: optional(list), dm: optional(mapper) }),
  ],
  // On an object without state, as below.
  ...rowsOf(view, 'StorageView#', {
    exists: [text],
    layer: [text],
    metadata: [text],
    changes: [text, optional(text), options()],
    diff: [text, optional(text), options({ onProgress: fn })],
    diffSize: [text, optional(text), options()],
  }),
  // On an object without state: the checks come first.
  ...rowsOf(s, 'DevicemapperStorage#', {
    create: [text, options({ parent: text, size, mountLabel: text })],
    mount: [text, options({ mountLabel: text })],
    unmount: [text, options()],
    remove: [text, options()],
    exists: [text],
    layer: [text],
    metadata: [text],
    changes: [text, optional(text), options()],
    diff: [text, optional(text), options({ onProgress: fn })],
    diffSize: [text, optional(text), options()],
    apply: [
      text,
      optional(text),
      spec(Readable.from([]), () => false),
      options({ onProgress: fn }),
    ],
    deletePending: [options()],
    shutdown: [options()],
  }),
  [
    'Volumes.ensure',
    api.Volumes.ensure as never,
    mapper,
    text,
    object({
      dir: text,
      size: optional(size),
      data: optional(text),
      metadata: optional(text),
      metadataSize: optional(size),
      blockSize: optional(size),
      signal,
    }),
  ],
  ['Volumes.open', api.Volumes.open as never, mapper, text, options()],
  // On an object without state as well.
  ...rowsOf(volumes, 'Volumes#', {
    create: [text, object({ size: optional(sizeOfSectors()), signal }, false)],
    clone: [text, text, options({ size: sizeOfSectors() })],
    import: [
      text,
      spec('image', (value) => typeof value === 'string'),
      options({ size, onProgress: fn }),
    ],
    export: [
      text,
      spec('image', (value) => typeof value === 'string'),
      options({ overwrite: flag, onProgress: fn }),
    ],
    rollback: [text, text, options()],
    rename: [text, text, options()],
    grow: [text, sizeOfSectors(), options()],
    activate: [text, options({ readOnly: flag })],
    deactivate: [text, options({ timeoutMs: ms })],
    delete: [text, options()],
    shutdown: [options()],
  }),
  ['new ThinIds', (...args) => new api.ThinIds(...args), optional(list), optional(id)],
  ['ThinIds#has', (n: never) => new api.ThinIds().has(n), id],
  ['ThinIds#take', (n: never) => new api.ThinIds().take(n), id],
  ['ThinIds#free', (n: never) => new api.ThinIds().free(n), id],
  ['SecretKey.fromBytes', api.SecretKey.fromBytes as never, spec(Buffer.alloc(1), () => false)],
  ['SecretKey.fromHex', api.SecretKey.fromHex as never, spec('00', () => false)],
  ['SecretKey.fromWord', api.SecretKey.fromWord as never, spec('00', () => false)],
  [
    'SecretKey.inKeyring',
    api.SecretKey.inKeyring as never,
    object({ size: id, type: spec('user', () => false), description: text }),
  ],
  [
    'SecretKey#equals',
    (other: never) => api.SecretKey.fromHex('00').equals(other),
    spec(api.SecretKey.fromHex('00'), () => false),
  ],
  ...rowsOf(a, '', {
    applyDiff: [text, spec(Readable.from([]), () => false), options({ onProgress: fn })],
    attachLoop: [
      text,
      options({ offset: size, sizeLimit: size, readOnly: flag, autoclear: flag, blockSize: size }),
    ],
    blockDeviceName: [dev, optional(text)],
    backingUse: [text],
    blockDeviceSize: [text],
    blocks: [size],
    blocksToSectors: [size, size],
    bytes: [size],
    bytesToSectors: [spec(512, () => false)],
    changes: [text, optional(text), options()],
    checkLayerName: [text],
    clearStats: [mapper, text, size1(), options()],
    deviceContent: [text, options()],
    createStats: [
      mapper,
      text,
      options({ range, precise: flag, histogram: list, program: text, auxiliary: text }),
    ],
    deleteStats: [mapper, text, size1(), options()],
    detachLoop: [text],
    deviceTrees: [mapper],
    diffSize: [text, optional(text), options()],
    displayName: [text, spec('auto', () => false)],
    displayUuid: [text, spec('auto', () => false)],
    discardBlocks: [text, object({ start: size, length: size, signal })],
    discardThin: [text, options({ slice: size, onProgress: fn })],
    findHolders: [dev, optional(object({}, false))],
    flagWords: [spec(1, (value) => value === 12 || value === -1)],
    flushBlockDevice: [text],
    formatConcise: [list],
    formatDev: [dev],
    formatHolder: [object({ kind: spec('swap', () => false) })],
    formatLine: [object({ start: size, length: size, type: text, params: text })],
    formatSize: [size, optional(spec('h', () => false))],
    formatTable: [list],
    formatTrees: [list, optional(object({ blockNames: optional(flag) }, false))],
    fromKernel: [text],
    hideKeys: [object({}, false)],
    inspectMetadata: [spec(Buffer.alloc(4096), () => false)],
    joinLvmName: [object({ volumeGroup: text, logicalVolume: text, layer: text })],
    kernelName: [text, spec('auto', () => false)],
    kernelUuid: [text, spec('auto', () => false)],
    kernelVersion: [optional(object({ devDir: optional(text) }, false))],
    listCookies: [optional(text)],
    listStats: [mapper, text, options({ program: text })],
    lockFile: [text, options({ shared: flag, directory: flag, timeout: ms })],
    logicalBlockSize: [text],
    loopStatus: [text],
    loopsOf: [text, optional(text)],
    majorOf: [dev],
    makeDev: [id, id],
    mapRegions: [size, list],
    minorOf: [dev],
    nameForm: [text, spec('name', () => false), spec('auto', () => false)],
    rightForm: [text, spec('auto', () => false)],
    toKernel: [text],
    mount: [
      object({
        source: text,
        target: text,
        type: optional(text),
        flags: optional(list),
        data: optional(text),
        signal,
      }),
    ],
    packDiff: [text, optional(text), options({ onProgress: fn })],
    parseConcise: [text],
    parseDev: [spec('8:0', () => false)],
    parseDustClear: [spec('badblocks cleared', (value) => typeof value === 'string')],
    parseDustCount: [spec('1 badblock(s) found', (value) => typeof value === 'string')],
    parseDustList: [spec('1', (value) => typeof value === 'string')],
    parseDustQuery: [spec('block 1 found in badblocklist', (value) => typeof value === 'string')],
    parseSize: [spec('1', () => false)],
    parseStorageOptions: [list],
    parseTable: [spec('0 8 zero', () => false)],
    poolHealth: [
      object({ state: spec('fail', (value) => typeof value === 'string') }),
      optional(object({ dataPercent: optional(percent) }, false)),
    ],

    checkStorage: [
      object({ root: text, storageOptions: optional(list), dm: optional(mapper), signal }),
    ],
    probePaths: [text, options()],
    readMetadata: [text, options()],
    readStats: [mapper, text, size1(), options({ clear: flag })],
    refreshLoopCapacity: [text],
    repairStorage: [
      object({
        root: text,
        storageOptions: optional(list),
        acceptPool: optional(flag),
        adopt: optional(object({}, false)),
        deleteThins: optional(list),
        dm: optional(mapper),
        signal,
      }),
    ],
    readVolumes: [mapper, text, options()],
    sectors: [size],
    sectorsToBlocks: [spec(128, () => false), spec(128, () => false)],
    sectorsToBytes: [size],
    setStatsAuxiliary: [mapper, text, size1(), text, options()],
    splitLvmName: [text],
    syncFilesystem: [text, options()],
    compareThins: [text, id, id, options({ metadataSnap: flag, same: flag })],
    readThins: [text, options({ metadataSnap: flag })],
    thinCheck: [text, options({ ...tool, skipMappings: flag, clearNeedsCheck: flag })],
    thinDelta: [text, id, id, options(tool)],
    thinDump: [text, options({ ...tool, devices: list, mappings: flag })],
    thinLs: [text, options(tool)],
    trimFilesystem: [text, options({ start: size, length: size, minLength: size })],
    unmangle: [text],
    unmount: [text, options({ lazy: flag })],
  }),
];

/** Bytes of whole sectors. */
function sizeOfSectors(): Spec {
  return spec(512n, () => false);
}

/** A region of statistics: a number. */
function size1(): Spec {
  return spec(1, (value) => value === 12);
}

/** Functions that accept any value, or have no argument. */
const EXEMPT: Readonly<Record<string, string>> = {
  isDiffError: 'a predicate of any value',
  isErrno: 'a predicate of any value',
  isDmError: 'a predicate of any value',
  isPoolError: 'a predicate of any value',
  isStorageError: 'a predicate of any value',
  isVolumeError: 'a predicate of any value',
  hasParams: 'a predicate of what the library gave',
  hasStatus: 'a predicate of what the library gave',
  DiffError: 'an error, made by the library',
  DmError: 'an error, made by the library',
  DmtsError: 'an error, made by the library',
  InputError: 'an error, made by the library',
  PoolError: 'an error, made by the library',
  ReplyError: 'an error, made by the library',
  StorageError: 'an error, made by the library',
  SyscallError: 'an error, made by the library',
  ToolError: 'an error, made by the library',
  UdevTimeoutError: 'an error, made by the library',
  UnavailableError: 'an error, made by the library',
  VolumeError: 'an error, made by the library',
  SecretText: 'a text with keys, made by the targets',
  'ThinIds#allocate': 'no argument',
  'Volumes#list': 'no argument',
  'Volumes#close': 'no argument',
  'DeviceMapper#close': 'no argument',
  'DeviceMapper#version': 'no argument',
  'DeviceMapper#list': 'no argument',
  'DeviceMapper#targets': 'no argument',
  'DeviceMapper#armPoll': 'no argument',
  'DeviceMapper#makeNodes': 'no argument',
  'PoolView#problems': 'no argument',
  'PoolView#status': 'no argument',
  'PoolView#table': 'no argument',
  'PoolView#health': 'no argument',
  'PoolView#activeThins': 'no argument',
  'PoolView#metadataPath': 'no argument',
  'StorageView#layers': 'no argument',
  'StorageView#status': 'no argument',
  'StorageView#close': 'no argument',
  'DevicemapperStorage#statusItems': 'no argument',
  'StorageView#statusItems': 'no argument',
  'DevicemapperStorage#layers': 'no argument',
  'DevicemapperStorage#status': 'no argument',
  'DevicemapperStorage#close': 'no argument',
  'SecretKey#reveal': 'no argument',
  'SecretKey#wipe': 'no argument',
  'SecretKey#toString': 'no argument',
  'SecretKey#toJSON': 'no argument',
  'SecretKey#writeHex': 'called by the library with its own buffer',
};

/** The error of a call, or `undefined`. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    const result = call() as { readonly next?: () => Promise<unknown> } | undefined;
    await (typeof result?.next === 'function' ? result.next() : result);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The argument lists with a wrong value in one position. */
function* wrongValues({
  valid,
  accepts,
  fields = {},
}: Spec): Generator<readonly [string, unknown]> {
  for (const value of WRONG) if (!accepts(value)) yield [String(shown(value)), value];
  for (const [name, field] of Object.entries(fields)) {
    for (const [where, value] of wrongValues(field)) {
      yield [`${name}: ${where}`, { ...(valid as object), [name]: value }];
    }
  }
}

const shown = (value: unknown): string =>
  typeof value === 'bigint'
    ? `${value}n`
    : typeof value === 'function'
      ? 'a function'
      : value === undefined
        ? 'undefined'
        : (JSON.stringify(value) ?? String(value));

for (const [name, call, ...specs] of rows) {
  test.serial(`${name} rejects values of a wrong type`, async (t) => {
    const before = sent;
    const valid = specs.map((one) => one.valid);
    const accepted: string[] = [];
    for (const [i, one] of specs.entries()) {
      for (const [where, value] of wrongValues(one)) {
        const args = valid.with(i, value) as never[];
        const error = await errorOf(() => call(...args));
        if (error instanceof api.InputError) continue;
        accepted.push(`argument ${i + 1}, ${where}: ${error}`);
      }
    }
    t.deepEqual(accepted, []);
    t.is(sent, before);
  });
}

test('every public function and method is in the table', (t) => {
  const covered = new Set([
    ...rows.map(([name]) => name.replace(/^new /, '')),
    ...Object.keys(EXEMPT),
  ]);
  const missing = Object.entries(api).flatMap(([name, value]) => {
    if (typeof value !== 'function' || name in api.targetKinds) return [];
    if ([...api.targetKinds.values()].includes(value as never)) return [];
    const prototype: object = (value as { prototype?: object }).prototype ?? {};
    const isClass = /^class\b/.test(String(value));
    const isError = prototype instanceof Error;
    if (!isClass || isError || name === 'SecretText') return [name];
    // A method that another public class has is in the table under that class.
    const owners = new Map(
      Object.entries(api).map(([owner, one]) => [(one as { prototype?: object }).prototype, owner]),
    );
    return methodsOf(value as never).map(
      ([method, owner]) => `${owners.get(owner) ?? name}#${method}`,
    );
  });
  t.deepEqual(
    missing.filter((name) => !covered.has(name)),
    [],
  );
});

for (const [type, kind] of api.targetKinds) {
  const { parseParams, parseStatus } = kind;
  const { formatParams } = kind as unknown as { formatParams: (params: unknown) => string };
  const make = kind as unknown as (target: unknown) => unknown;
  test(`${type} rejects values of a wrong type`, (t) => {
    for (const value of WRONG) {
      if (typeof value !== 'string') {
        t.throws(() => parseParams(value as never), { instanceOf: api.InputError });
        t.throws(() => parseStatus(value as never), { instanceOf: api.InputError });
      }
      if (isPlain(value)) continue;
      t.throws(() => formatParams(value), { instanceOf: api.InputError });
      t.throws(() => make(value), { instanceOf: api.InputError });
    }
    t.throws(() => make({}), { instanceOf: api.InputError });
  });
}

/** A copy of `value` with `wrong` at position `dice`. */
function withWrong(value: unknown, dice: number, wrong: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof api.SecretKey) return wrong;
  const keys = Object.keys(value);
  if (keys.length === 0) return wrong;
  const key = keys[dice % keys.length]!;
  const below = Math.floor(dice / keys.length);
  const part: unknown = (value as Record<string, unknown>)[key];
  const changed = below % 3 === 0 ? wrong : withWrong(part, Math.floor(below / 3), wrong);
  return Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
}

for (const { kind, params } of EVERY_TARGET) {
  test(`${kind.type}: a wrong value anywhere in its record throws an InputError or is formatted`, (t) => {
    const law = fc.property(params, fc.nat(), fc.constantFrom(...WRONG), (record, dice, wrong) => {
      try {
        kind.formatParams(withWrong(record, dice, wrong) as object);
      } catch (error) {
        if (!(error instanceof api.InputError)) throw error;
      }
    });
    holds(t, law, 400);
  });

  test(`${kind.type}: a wrong value in a message throws an InputError or is formatted`, (t) => {
    for (const [name, message] of Object.entries(kind.messages)) {
      for (const value of WRONG) {
        try {
          (message as (...args: unknown[]) => unknown)(value, value, value);
        } catch (error) {
          t.true(error instanceof api.InputError, `${name}(${shown(value)}): ${error}`);
        }
      }
    }
    t.pass();
  });
}
