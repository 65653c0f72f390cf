import test from 'ava';
import { DeviceMapper } from '../../../../src/dm/device/device-mapper.ts';
import {
  clearStats,
  createStats,
  deleteStats,
  listStats,
  readStats,
  type StatsRegionOptions,
  setStatsAuxiliary,
} from '../../../../src/dm/stats/stats.ts';
import { parseRegion, parseSample } from '../../../../src/dm/stats/stats-text.ts';
import { fakeKernel } from '../../../../src/testing/index.ts';

/** A device mapper that replies to every message with `reply`, and the messages that it received. */
async function talking(reply: string) {
  const sent: string[] = [];
  const dm = await DeviceMapper.open({
    transport: fakeKernel(({ command, payload }) => {
      if (command.name !== 'DM_TARGET_MSG') return {};
      sent.push(payload.toString('latin1', 8, payload.indexOf(0, 8)));
      return { flags: 0x10000, payload: Buffer.from(`${reply}\0`) };
    }),
  });
  return { dm, sent };
}

const creations: readonly (readonly [options: StatsRegionOptions, message: string])[] = [
  [{}, '@stats_create - /1'],
  [{ areas: { count: 4 } }, '@stats_create - /4'],
  [{ range: { start: 8, length: 16n }, areas: { length: 8 } }, '@stats_create 8+16 8'],
  [{ precise: true }, '@stats_create - /1 1 precise_timestamps'],
  [
    { precise: true, histogram: [10, 20], program: 'p', auxiliary: 'a' },
    '@stats_create - /1 2 precise_timestamps histogram:10,20 p a',
  ],
  [{ program: '7' }, '@stats_create - /1 0 7'],
  [{ auxiliary: 'a' }, '@stats_create - /1 - a'],
];
for (const [options, message] of creations) {
  test(`${JSON.stringify(options, (_, v) => (typeof v === 'bigint' ? Number(v) : v))} sends ${message}`, async (t) => {
    const { dm, sent } = await talking('3');
    t.is(await createStats(dm, 'x', options), 3);
    t.deepEqual(sent, [message]);
  });
}

const refusals: readonly (readonly [options: StatsRegionOptions, message: RegExp])[] = [
  [{ histogram: [2, 1] }, /^histogram: expected integers of at least 1, strictly ascending/],
  [{ histogram: [0] }, /^histogram/],
  [{ program: 'a b' }, /^program: expected one word/],
  [{ auxiliary: '' }, /^auxiliary: expected one word/],
  [{ areas: { count: -1 } }, /^areas.count/],
  [{ range: { start: -1, length: 1 } }, /^range.start/],
];
for (const [options, message] of refusals) {
  test(`createStats rejects ${JSON.stringify(options)}`, async (t) => {
    const { dm, sent } = await talking('0');
    await t.throwsAsync(createStats(dm, 'x', options), { message });
    t.deepEqual(sent, []);
  });
}

test('listStats parses the list of a real kernel', async (t) => {
  const text =
    '0: 0+16384 16384 progA -\n1: 0+100 10 progA aux\n2: 0+16384 8192 progB aux data precise_timestamps histogram:10,20\n';
  const { dm } = await talking(text);
  const regions = await listStats(dm, 'x');
  t.deepEqual(
    regions.map(({ id, areaLength, program, auxiliary, precise, histogram }) => [
      id,
      areaLength,
      program,
      auxiliary,
      precise,
      histogram,
    ]),
    [
      [0, 16384n, 'progA', '-', false, []],
      [1, 10n, 'progA', 'aux', false, []],
      [2, 8192n, 'progB', 'aux data', true, [10n, 20n]],
    ],
  );
});

test('readStats parses the counters of a real kernel', async (t) => {
  const { dm, sent } = await talking('0+16384 1 2 3 4 5 6 7 8 9 10 11 12 13 5:6:7\n');
  const [sample] = await readStats(dm, 'x', 0, { clear: true, areas: { first: 0, count: 1 } });
  t.deepEqual(sent, ['@stats_print_clear 0 0 1']);
  t.is(sample?.areaLength, 16384n);
  t.is(sample?.writeBusyTime, 13n);
  t.deepEqual(sample?.histogram, [5n, 6n, 7n]);
});

const messages: readonly (readonly [send: (dm: DeviceMapper) => Promise<unknown>, text: string])[] =
  [
    [(dm) => clearStats(dm, 'x', 3), '@stats_clear 3'],
    [(dm) => deleteStats(dm, 'x', 3), '@stats_delete 3'],
    [(dm) => setStatsAuxiliary(dm, 'x', 3, 'aux'), '@stats_set_aux 3 aux'],
    [(dm) => listStats(dm, 'x', { program: 'p' }), '@stats_list p'],
    [(dm) => readStats(dm, 'x', 3), '@stats_print 3'],
  ];
for (const [send, text] of messages) {
  test(`the message ${text}`, async (t) => {
    const { dm, sent } = await talking('');
    await send(dm);
    t.deepEqual(sent, [text]);
  });
}

const unsent: readonly (readonly [send: (dm: DeviceMapper) => Promise<unknown>, field: RegExp])[] =
  [
    [(dm) => clearStats(dm, 'x', -1), /^region: expected a non-negative integer/],
    [(dm) => deleteStats(dm, 'x', 0.5), /^region: expected a non-negative integer/],
    [(dm) => setStatsAuxiliary(dm, 'x', 3, 'a b'), /^auxiliary: expected one word/],
    [(dm) => listStats(dm, 'x', { program: '' }), /^program: expected one word/],
  ];
for (const [i, [send, message]] of unsent.entries()) {
  test(`invalid input sends no message, ${i}: ${message}`, async (t) => {
    const { dm, sent } = await talking('');
    await t.throwsAsync(send(dm), { code: 'ERR_DMTS_INPUT', message });
    t.deepEqual(sent, []);
  });
}

test('without a reply listStats returns an empty list, and createStats throws', async (t) => {
  const dm = await DeviceMapper.open({ transport: fakeKernel(() => ({})) });
  await t.notThrowsAsync(clearStats(dm, 'x', 3));
  t.deepEqual(await listStats(dm, 'x'), []);
  await t.throwsAsync(createStats(dm, 'x'), {
    code: 'ERR_DMTS_REPLY',
    message: /'x': @stats_create: expected a region id/,
  });
});

for (const reply of ['', 'region 3', '3 4', '-1']) {
  test(`createStats rejects the reply "${reply}"`, async (t) => {
    const { dm } = await talking(reply);
    await t.throwsAsync(createStats(dm, 'x'), {
      code: 'ERR_DMTS_REPLY',
      message: /'x': @stats_create: expected a region id/,
    });
  });
}

test('parseSample parses counters without a histogram', (t) => {
  const { histogram, ...counters } = parseSample('8+16 1 2 3 4 5 6 7 8 9 10 11 12 13');
  t.deepEqual(histogram, []);
  t.like(counters, { start: 8n, areaLength: 16n, reads: 1n, sectorsRead: 3n, writeBusyTime: 13n });
});

for (const line of ['', 'x', '0: 0+1', '0: a+1 1 p', '0: 0+1 1 p histogram:x']) {
  test(`parseRegion rejects "${line}"`, (t) => {
    t.throws(() => parseRegion(line), { code: 'ERR_DMTS_REPLY' });
  });
}
for (const line of [
  '',
  '0+1',
  '0+1 1 2 3',
  '0 1 2 3 4 5 6 7 8 9 10 11 12 13',
  '0+1 1 2 3 4 5 6 7 8 9 10 11 12 x',
]) {
  test(`parseSample rejects "${line}"`, (t) => {
    t.throws(() => parseSample(line), { code: 'ERR_DMTS_REPLY' });
  });
}
