// Input that the library rejects on every kernel before any system call.

import { linear, striped, thin, thinPool, zero } from '../../../src/dm/targets/index.ts';
import type { DeviceMapper, DeviceRef, TargetInput } from '../../../src/index.ts';

/** An invalid call, and the invalid field of its input. */
export interface RefusedInput {
  readonly given: string;
  readonly field: string;
  readonly call: (dm: DeviceMapper) => unknown;
}

const DEVICE = 'dmts-test-refused';
const NUL = '\0';

const row = (given: string, field: string, call: RefusedInput['call']): RefusedInput => ({
  given,
  field,
  call,
});

/** Names that are rejected wherever a device is named. */
const NAMES: readonly (readonly [given: string, name: string])[] = [
  ['an empty name', ''],
  ['a name with "/"', 'a/b'],
  ['a name with NUL', `a${NUL}b`],
  ['a name with a line break', 'a\nb'],
  ['a name of 128 bytes', 'n'.repeat(128)],
  ['a name of 32 bytes, 128 once mangled', 'ü'.repeat(16)],
  ['"."', '.'],
  ['".."', '..'],
  ['"control"', 'control'],
  ['a lone surrogate', 'a\ud800'],
  ['a name half mangled', 'a b\\x20c'],
  ['a name mangled twice', 'a\\x5cx20b'],
];

const UUIDS: readonly (readonly [given: string, uuid: string])[] = [
  ['an empty uuid', ''],
  ['a uuid with NUL', `u${NUL}`],
  ['a uuid with a tab', 'u\t'],
  ['a uuid of 129 bytes', 'u'.repeat(129)],
  ['a uuid with a lone surrogate', '\udfff'],
];

const REFS: readonly (readonly [given: string, field: string, ref: unknown])[] = [
  ['name and uuid', 'device', { name: DEVICE, uuid: 'u' }],
  ['name and number', 'device', { name: DEVICE, dev: 1n }],
  ['neither', 'device', {}],
  ['nothing', 'device', undefined],
  ['null', 'device', null],
  ['number 0', 'device.dev', { dev: 0n }],
  ['a negative number', 'device.dev', { dev: -1n }],
  ['a number of 33 bits', 'device.dev', { dev: 2n ** 32n }],
  ['a number that is not a bigint', 'device.dev', { dev: 1 }],
];

/** Invalid tables: the targets, and the invalid field. */
const TABLES: readonly (readonly [given: string, field: string, table: unknown])[] = [
  ['no target', 'table', []],
  ['no array', 'table', 'zero'],
  ['1048577 targets', 'table', new Array(1_048_577).fill(zero({ length: 1 }))],
  ['a zero length', 'table[0].length', [{ type: 'zero', length: 0 }]],
  ['a negative length', 'table[0].length', [{ type: 'zero', length: -8n }]],
  ['half a sector', 'table[0].length', [{ type: 'zero', length: 0.5 }]],
  ['a number that is not exact', 'table[0].length', [{ type: 'zero', length: 2 ** 53 }]],
  ['2^64 sectors', 'table[0].length', [{ type: 'zero', length: 2n ** 64n }]],
  ['2^54 sectors', 'table[0].length', [{ type: 'zero', length: 2n ** 54n }]],
  ['a table that begins at 8', 'table[0].start', [zero({ start: 8, length: 8 })]],
  ['a gap', 'table[1].start', [zero({ length: 8 }), zero({ start: 9, length: 8 })]],
  ['an overlap', 'table[1].start', [zero({ length: 8 }), zero({ start: 7, length: 8 })]],
  ['no type', 'table[0].type', [{ length: 8, type: '' }]],
  ['a type of 16 characters', 'table[0].type', [{ length: 8, type: 't'.repeat(16) }]],
  ['a type with a blank', 'table[0].type', [{ length: 8, type: 'a b' }]],
  ['a type with NUL', 'table[0].type', [{ length: 8, type: `a${NUL}` }]],
  ['parameters with a line break', 'table[0].params', [{ length: 8, type: 'zero', params: 'a\n' }]],
  ['parameters with NUL', 'table[0].params', [{ length: 8, type: 'zero', params: `a${NUL}` }]],
];

const POOL = { length: 2048, metadataDevice: '/dev/a', dataDevice: '/dev/b' } as const;

/** Typed targets that are rejected when they are formatted. */
const TYPED: readonly (readonly [given: string, field: string, target: () => TargetInput])[] = [
  ['thin id 2^24', 'thin.id', () => thin({ length: 8, pool: '/dev/p', id: 2 ** 24 })],
  ['thin id -1', 'thin.id', () => thin({ length: 8, pool: '/dev/p', id: -1 })],
  ['thin id 1.5', 'thin.id', () => thin({ length: 8, pool: '/dev/p', id: 1.5 })],
  ['a pool in two words', 'thin.pool', () => thin({ length: 8, pool: '/dev/p 1', id: 0 })],
  ['a relative path', 'linear.device', () => linear({ length: 8, device: 'sda' })],
  ['a negative offset', 'linear.offset', () => linear({ length: 8, device: '/dev/a', offset: -1 })],
  ['no stripe', 'striped.stripes', () => striped({ length: 8, chunkSize: 8, stripes: [] })],
  ['a block of 64 sectors', 'thin-pool.blockSize', () => thinPool({ ...POOL, blockSize: 64 })],
  ['a block of 192 sectors', 'thin-pool.blockSize', () => thinPool({ ...POOL, blockSize: 192 })],
  [
    'a block of 2^21 + 128',
    'thin-pool.blockSize',
    () => thinPool({ ...POOL, blockSize: 2 ** 21 + 128 }),
  ],
  [
    'an unknown feature',
    'thin-pool.features',
    () => thinPool({ ...POOL, features: ['nosuch' as 'read_only'] }),
  ],
];

const MESSAGES: readonly (readonly [given: string, text: unknown])[] = [
  ['an empty message', ''],
  ['a message of blanks', ' \t '],
  ['a message with NUL', `create_thin 0${NUL}`],
  ['a message to the device mapper itself', '@cancel_deferred_remove'],
  ['the same after a blank', ' @cancel_deferred_remove'],
  ['no text', undefined],
];

/** Every invalid call. */
export const refusedInputs: readonly RefusedInput[] = [
  ...NAMES.flatMap(([given, name]) => [
    row(`create ${given}`, 'name', (dm) => dm.create(name)),
    row(`info of ${given}`, 'name', (dm) => dm.info(name)),
    row(`remove ${given}`, 'name', (dm) => dm.remove({ name })),
    row(`rename to ${given}`, 'newName', (dm) => dm.rename(DEVICE, name)),
  ]),
  ...UUIDS.flatMap(([given, uuid]) => [
    row(`create with ${given}`, 'uuid', (dm) => dm.create(DEVICE, { uuid })),
    row(`info of ${given}`, 'uuid', (dm) => dm.info({ uuid })),
    row(`give ${given}`, 'uuid', (dm) => dm.setUuid(DEVICE, uuid)),
  ]),
  ...REFS.flatMap(([given, field, ref]) => [
    row(`info of ${given}`, field, (dm) => dm.info(ref as DeviceRef)),
    row(`resume ${given}`, field, (dm) => dm.resume(ref as DeviceRef)),
    row(`remove ${given}`, field, (dm) => dm.remove(ref as DeviceRef)),
  ]),
  ...TABLES.flatMap(([given, field, table]) => [
    row(`load ${given}`, field, (dm) => dm.load(DEVICE, table as TargetInput[])),
    row(`reload ${given}`, field, (dm) => dm.reload(DEVICE, table as TargetInput[])),
    row(`create with ${given}`, field, (dm) =>
      dm.create(DEVICE, { table: table as TargetInput[] }),
    ),
  ]),
  ...TYPED.map(([given, field, target]) =>
    row(`create with ${given}`, field, (dm) => dm.create(DEVICE, { table: [target()] })),
  ),
  ...MESSAGES.map(([given, text]) =>
    row(`send ${given}`, 'message', (dm) => dm.message(DEVICE, text as string)),
  ),
  row('a message to sector -1', 'sector', (dm) => dm.message(DEVICE, 'm', { sector: -1 })),
  row('a message to sector 2^64', 'sector', (dm) => dm.message(DEVICE, 'm', { sector: 2n ** 64n })),
  row('create with minor -1', 'minor', (dm) => dm.create(DEVICE, { minor: -1 })),
  row('create with minor 2^20', 'minor', (dm) => dm.create(DEVICE, { minor: 2 ** 20 })),
  row('wait for event -1', 'eventNr', (dm) => dm.wait(DEVICE, { eventNr: -1 })),
  row('wait for event 2^32', 'eventNr', (dm) => dm.wait(DEVICE, { eventNr: 2 ** 32 })),
  row('a geometry of 256 heads', 'geometry', (dm) =>
    dm.setGeometry(DEVICE, { cylinders: 1, heads: 256, sectors: 1, start: 0 }),
  ),
  row('a geometry whose start is after its end', 'geometry', (dm) =>
    dm.setGeometry(DEVICE, { cylinders: 2, heads: 3, sectors: 4, start: 25 }),
  ),
  row('a geometry with -1 heads', 'geometry', (dm) =>
    dm.setGeometry(DEVICE, { cylinders: 1, heads: -1, sectors: 1, start: 0 }),
  ),
  row('the version of a type of 16 characters', 'type', (dm) => dm.targetVersion('t'.repeat(16))),
];
