// Everything that is done to a device but the loading of tables.

import fc from 'fast-check';
import { crypt } from '../../src/dm/targets/index.ts';
import { DM_UUID_LEN } from '../../src/dm/wire/abi.ts';
import { Dm, type DmCommand } from '../../src/dm/wire/commands.ts';
import type { DeviceMapper, DeviceRef, Mangling } from '../../src/index.ts';
import { plainKey } from '../support/arbitraries/targets/parts.ts';
import { anyU32, anyU64 } from '../support/arbitraries/values.ts';
import { anyMangling, anyName, anyText } from './names.ts';
import { readable, type Scenario, withDm } from './scenario.ts';
import { anySelector, byName } from './selectors.ts';
import { unsplit } from './tables.ts';

/** Switches of dmsetup, and the options of ours that stand for them. */
const SWITCHES = {
  noFlush: '--noflush',
  skipLockFs: '--nolockfs',
  inactive: '--inactive',
  deferred: '--deferred',
} as const;

type Switch = keyof typeof SWITCHES;

type Task = (
  dm: DeviceMapper,
  ref: DeviceRef,
  options: Readonly<Partial<Record<Switch, boolean>>>,
) => Promise<unknown>;

/** A verb that takes a device and switches. */
const verb = (
  name: string,
  command: DmCommand,
  switches: readonly Switch[],
  task: Task,
): fc.Arbitrary<Scenario> =>
  fc
    .tuple(anySelector, fc.subarray([...switches]), anyMangling)
    .map(([{ options, argument, ref }, chosen, mangling]) =>
      readable({
        args: [
          name,
          '--manglename',
          mangling,
          ...chosen.map((key) => SWITCHES[key]),
          ...options,
          ...(argument.length > 0 ? ['--', ...argument] : []),
        ],
        commands: [command],
        ours: withDm(
          (dm) => task(dm, ref, Object.fromEntries(chosen.map((key) => [key, true]))),
          mangling,
        ),
      }),
    );

const wait = fc.tuple(anySelector, anyU32, fc.boolean()).map(([selector, eventNr, noFlush]) =>
  readable({
    args: [
      'wait',
      ...(noFlush ? ['--noflush'] : []),
      ...selector.options,
      '--',
      ...selector.argument,
      String(eventNr),
    ],
    commands: [Dm.DEV_WAIT],
    ours: withDm((dm) => dm.wait(selector.ref, { eventNr, noFlush })),
  }),
);

const words = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom('\\', '"', "'", ' ', '\t', '\n', '@', 'ä', '-'),
    maxLength: 12,
  }),
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 3000 }))
    .map(([pattern, times]) => pattern.repeat(times)),
  fc.constantFrom('create_thin 0', 'set_transaction_id 0 1', 'key wipe', '@stats_list', 'R3,2 :1'),
);

const message = fc
  .tuple(anySelector, anyU64, fc.array(words.map(unsplit), { minLength: 1, maxLength: 4 }))
  .filter(([, , parts]) => parts.join('').trim() !== '' && !parts.join('').includes('\0'))
  .map(([selector, sector, parts]) =>
    readable({
      args: ['message', ...selector.options, '--', ...selector.argument, String(sector), ...parts],
      commands: [Dm.TARGET_MSG],
      ours: withDm((dm) => dm.message(selector.ref, parts.join(' '), { sector, core: true })),
    }),
  );

const keyMessage = fc.tuple(byName, plainKey).map(([{ ref }, key]) =>
  readable({
    args: ['message', '--', ref, '0', 'key', 'set', key.reveal()],
    commands: [Dm.TARGET_MSG],
    ours: withDm((dm) => dm.message(ref, crypt.messages.keySet(key))),
  }),
);

const anySize = fc
  .tuple(fc.nat(65_535), fc.nat(255), fc.nat(255))
  .chain(([cylinders, heads, sectors]) =>
    fc.nat(cylinders * heads * sectors).map((start) => [cylinders, heads, sectors, start] as const),
  );

const setGeometry = fc.tuple(byName, anySize).map(([{ ref }, numbers]) => {
  const [cylinders, heads, sectors, start] = numbers;
  return readable({
    args: ['setgeometry', '--', ref, ...numbers.map(String)],
    commands: [Dm.DEV_SET_GEOMETRY],
    ours: withDm((dm) => dm.setGeometry(ref, { cylinders, heads, sectors, start })),
  });
});

/** With mangling switched off, libdevmapper cuts a uuid that is too long and goes on with the rest of it. */
const isCut = (uuid: string | null, mangling: Mangling): boolean =>
  mangling === 'none' && uuid !== null && Buffer.byteLength(uuid) >= DM_UUID_LEN;

const createBare = fc
  .tuple(anyText, fc.option(anyText), anyMangling)
  .filter(([, uuid, mangling]) => !isCut(uuid, mangling))
  .map(([name, uuid, mangling]) =>
    readable({
      args: [
        'create',
        '-n',
        '--manglename',
        mangling,
        ...(uuid === null ? [] : ['-u', uuid]),
        '--',
        name,
      ],
      commands: [Dm.DEV_CREATE],
      mayRefuse: true,
      ours: withDm((dm) => dm.create(name, uuid === null ? {} : { uuid }), mangling),
    }),
  );

const createMinor = fc.tuple(anyName, fc.nat(1_048_575)).map(([name, minor]) =>
  readable({
    args: ['create', '-n', '-j', '253', '-m', String(minor), '--', name],
    commands: [Dm.DEV_CREATE],
    ours: withDm((dm) => dm.create(name, { minor })),
  }),
);

const rename = fc.tuple(byName, anyText, anyMangling).map(([{ ref }, to, mangling]) =>
  readable({
    args: ['rename', '--manglename', mangling, '--', ref, to],
    commands: [Dm.DEV_RENAME],
    mayRefuse: true,
    ours: withDm((dm) => dm.rename(ref, to, {}), mangling),
  }),
);

const setUuid = fc.tuple(byName, anyText, anyMangling).map(([{ ref }, to, mangling]) =>
  readable({
    args: ['rename', '--setuuid', '--manglename', mangling, '--', ref, to],
    commands: [Dm.DEV_RENAME],
    mayRefuse: true,
    ours: withDm((dm) => dm.setUuid(ref, to), mangling),
  }),
);

const forcedRemove = byName.map(({ ref }) =>
  readable({
    args: ['remove', '--force', '--', ref],
    // Before these both ask for the table: we with NOFLUSH, as a pool need not write its metadata for that.
    commands: [Dm.TABLE_LOAD, Dm.DEV_SUSPEND, Dm.DEV_REMOVE],
    ours: withDm((dm) => dm.remove(ref, { force: true })),
  }),
);

const targetVersion = fc.stringMatching(/^[a-z][a-z0-9-]{0,14}$/).map((type) =>
  readable({
    args: ['target-version', type],
    commands: [Dm.GET_TARGET_VERSION],
    ours: withDm((dm) => dm.targetVersion(type)),
  }),
);

const removeAll = fc.boolean().map((deferred) =>
  readable({
    args: ['remove_all', ...(deferred ? ['--deferred'] : [])],
    commands: [Dm.REMOVE_ALL],
    ours: withDm((dm) => dm.removeAll({ deferred })),
  }),
);

const fixed = (
  args: readonly string[],
  command: DmCommand,
  task: (dm: DeviceMapper) => Promise<unknown>,
): fc.Arbitrary<Scenario> =>
  fc.constant(readable({ args, commands: [command], ours: withDm(task) }));

/** What is compared, by name. */
export const VERBS: Readonly<Record<string, fc.Arbitrary<Scenario>>> = {
  'create without a table': createBare,
  'create with a minor number': createMinor,
  rename,
  'set uuid': setUuid,
  suspend: verb('suspend', Dm.DEV_SUSPEND, ['noFlush', 'skipLockFs'], (dm, ref, options) =>
    dm.suspend(ref, options),
  ),
  resume: verb('resume', Dm.DEV_SUSPEND, ['noFlush', 'skipLockFs'], (dm, ref, options) =>
    dm.resume(ref, options),
  ),
  clear: verb('clear', Dm.TABLE_CLEAR, [], (dm, ref) => dm.clear(ref)),
  remove: verb('remove', Dm.DEV_REMOVE, ['deferred'], (dm, ref, options) =>
    dm.remove(ref, options),
  ),
  'remove --force': forcedRemove,
  'remove all': removeAll,
  message,
  'message with a key': keyMessage,
  'set geometry': setGeometry,
  info: verb('info', Dm.DEV_STATUS, ['inactive'], (dm, ref, options) => dm.info(ref, options)),
  status: verb('status', Dm.TABLE_STATUS, ['noFlush', 'inactive'], (dm, ref, options) =>
    dm.status(ref, options),
  ),
  table: verb('table', Dm.TABLE_STATUS, ['noFlush', 'inactive'], (dm, ref, options) =>
    dm.table(ref, options),
  ),
  deps: verb('deps', Dm.TABLE_DEPS, ['inactive'], (dm, ref, options) => dm.deps(ref, options)),
  wait,
  'target version': targetVersion,
  list: fixed(['ls'], Dm.LIST_DEVICES, (dm) => dm.list()),
  targets: fixed(['targets'], Dm.LIST_VERSIONS, (dm) => dm.targets()),
};
