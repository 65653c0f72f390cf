// The events between two lists, and the watch on a fake kernel. test/kernel/dm/watch.test.ts runs it on a real kernel.

import test from 'ava';
import { DeviceMapper } from '../../../../src/dm/device/device-mapper.ts';
import { differences, EMPTY_TABLE } from '../../../../src/dm/device/watch.ts';
import { type FakeReply, fakeKernel } from '../../../../src/testing/index.ts';
import { nameList, targetList } from '../../../support/arbitraries/kernel-replies.ts';
import { DEV } from '../../../support/dm/scripted.ts';

interface Was {
  readonly name?: string;
  readonly uuid?: string | undefined;
  readonly eventNr?: number;
  readonly table?: string;
}

const snapshot = (state: Was | undefined) =>
  new Map(
    state === undefined
      ? []
      : [
          [
            DEV,
            {
              table: state.table ?? EMPTY_TABLE,
              device: {
                name: state.name ?? 'a',
                mangledName: state.name ?? 'a',
                dev: DEV,
                major: 253,
                minor: 0,
                path: '/dev/dm-0',
                uuid: state.uuid,
                eventNr: state.eventNr ?? 0,
              },
            },
          ] as const,
        ],
  );

const CHANGES: readonly (readonly [
  title: string,
  before: Was | undefined,
  now: Was | undefined,
  events: readonly string[],
])[] = [
  ['no change', {}, {}, []],
  ['no device', undefined, undefined, []],
  ['a new device without a table', undefined, {}, ['created']],
  ['a new device with a table', undefined, { table: 't' }, ['created', 'table']],
  ['a removed device', { table: 't' }, undefined, ['removed']],
  ['another table', { table: 't' }, { table: 'u' }, ['table']],
  ['an event of a target', {}, { eventNr: 1 }, ['event']],
  ['several events of a target', {}, { eventNr: 7 }, ['event']],
  ['a rename, which increments the counter', {}, { name: 'b', eventNr: 1 }, ['renamed']],
  ['a rename and an event', {}, { name: 'b', eventNr: 2 }, ['renamed', 'event']],
  ['a new uuid, which increments the counter', {}, { uuid: 'u', eventNr: 1 }, []],
  ['a new uuid and an event', {}, { uuid: 'u', eventNr: 2 }, ['event']],
  [
    'a rename, a new uuid, a table',
    {},
    { name: 'b', uuid: 'u', eventNr: 2, table: 't' },
    ['renamed', 'table'],
  ],
  [
    'a reused device number: the event counter has decreased',
    { eventNr: 3 },
    { eventNr: 1 },
    ['removed', 'created'],
  ],
  [
    'a reused device number: another uuid',
    { uuid: 'u' },
    { uuid: 'v', eventNr: 1 },
    ['removed', 'created'],
  ],
  [
    'a reused device number: no uuid',
    { uuid: 'u' },
    { eventNr: 1, table: 't' },
    ['removed', 'created', 'table'],
  ],
  [
    'a reused device number: another name without an event',
    {},
    { name: 'b' },
    ['removed', 'created'],
  ],
];
for (const [title, before, now, events] of CHANGES) {
  test(`${title}: ${events.join(', ') || 'no event'}`, (t) => {
    const seen = [...differences(snapshot(before), snapshot(now))];
    t.deepEqual(
      seen.map(({ type }) => type),
      events,
    );
    for (const event of seen) {
      const { device } = [...snapshot(event.type === 'removed' ? before : now).values()][0]!;
      t.deepEqual(event.device, device);
      if (event.type === 'renamed') t.is(event.from, before?.name ?? 'a');
    }
  });
}

/** A kernel with one list of devices for each query, whose tables `table` returns. */
async function watching(
  looks: readonly (readonly string[])[],
  table: (dev: bigint) => FakeReply,
  signal?: AbortSignal,
) {
  const asked: string[] = [];
  let look = -1;
  const transport = fakeKernel(
    ({ command, header }) => {
      if (command.name === 'DM_DEV_ARM_POLL') look += 1;
      if (command.name !== 'DM_VERSION') asked.push(command.name);
      if (command.name === 'DM_TABLE_STATUS') return table(header.dev);
      if (command.name !== 'DM_LIST_DEVICES') return {};
      const names = looks[look] ?? [];
      return {
        payload: nameList(
          names.map((name) => ({
            name,
            dev: DEV + BigInt(name.charCodeAt(0) - 97),
            eventNr: 0,
            uuid: undefined,
          })),
        ),
      };
    },
    // Each wait returns immediately until the last list.
    {
      event: async () => {
        signal?.throwIfAborted();
        if (look >= looks.length - 1) throw new Error('nothing more');
      },
    },
  );
  const dm = await DeviceMapper.open({ transport });
  return { dm, asked };
}

const zero: FakeReply = {
  targetCount: 1,
  payload: targetList([{ start: 0n, length: 8n, type: 'zero', params: '' }]),
};

async function eventsOf(
  dm: DeviceMapper,
): Promise<{ readonly seen: string[]; readonly end: string }> {
  const seen: string[] = [];
  try {
    for await (const { type, device } of dm.watch()) seen.push(`${type} ${device.name}`);
  } catch (error) {
    return { seen, end: (error as Error).message };
  }
  return { seen, end: '' };
}

test('watch arms the poll before each list, so that no event is lost', async (t) => {
  const { dm, asked } = await watching([[], ['a'], ['a', 'b'], ['b']], () => zero);
  const { seen, end } = await eventsOf(dm);
  t.deepEqual(seen, ['created a', 'table a', 'created b', 'table b', 'removed a']);
  t.is(end, 'nothing more');
  t.deepEqual(asked.slice(0, 5), [
    'DM_DEV_ARM_POLL',
    'DM_LIST_DEVICES',
    'DM_DEV_ARM_POLL',
    'DM_LIST_DEVICES',
    'DM_TABLE_STATUS',
  ]);
});

test('watch ignores a device that is removed after the list', async (t) => {
  const { dm } = await watching([[], ['a', 'b']], (dev) => (dev === DEV ? 'ENXIO' : zero));
  t.deepEqual((await eventsOf(dm)).seen, ['created b', 'table b']);
});

test('watch ends with every other error', async (t) => {
  const { dm } = await watching([[], ['a']], () => 'EIO');
  const { seen, end } = await eventsOf(dm);
  t.deepEqual(seen, []);
  t.regex(end, /^EIO: .*DM_TABLE_STATUS/);
});
