import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { DeviceMapper } from '../../../../src/dm/device/device-mapper.ts';
import { DmFlag, type FakeReply, type FakeRequest } from '../../../../src/testing/index.ts';
import { DEV, inWords, recorded, scripted, ZERO } from '../../../support/dm/scripted.ts';

const { ACTIVE_PRESENT: LIVE } = DmFlag;

// --- locks ----------------------------------------------------------------------------------------

/** A kernel that replies when the test calls `answer`. */
function slowKernel(): {
  readonly kernel: (request: FakeRequest) => Promise<FakeReply>;
  readonly waiting: { readonly words: string; readonly answer: () => void }[];
} {
  const waiting: { readonly words: string; readonly answer: () => void }[] = [];
  const kernel = (request: FakeRequest): Promise<FakeReply> =>
    new Promise((resolve) => {
      const { header } = request;
      const reply = { name: header.name || 'a', flags: LIVE, dev: header.dev || DEV };
      waiting.push({ words: inWords(request), answer: () => resolve(reply) });
    });
  return { kernel, waiting };
}

test('changes of one device run one after another', async (t) => {
  const { kernel, waiting } = slowKernel();
  const { dm } = await recorded(kernel);
  const changes = Promise.all([dm.reload('a', ZERO), dm.suspend('a'), dm.clear({ name: 'a' })]);
  for (const words of [
    'TABLE_LOAD a',
    'DEV_STATUS a',
    'DEV_SUSPEND a',
    'DEV_SUSPEND a',
    'TABLE_CLEAR a',
  ]) {
    await turn();
    t.deepEqual(
      waiting.map((one) => one.words),
      [words],
    );
    waiting.pop()!.answer();
  }
  await changes;
});

test('a name and a device number refer to the same lock', async (t) => {
  const { kernel, waiting } = slowKernel();
  const { dm } = await recorded(kernel);
  const changes = Promise.all([dm.suspend('a'), dm.clear({ dev: DEV })]);
  await turn();
  t.deepEqual(waiting.map(({ words }) => words).sort(), ['DEV_STATUS dev fd00', 'DEV_SUSPEND a']);
  waiting.find(({ words }) => words.startsWith('DEV_STATUS'))!.answer();
  await turn();
  t.is(waiting.length, 2);
  waiting.find(({ words }) => words.startsWith('DEV_SUSPEND'))!.answer();
  await turn();
  t.is(waiting.at(-1)!.words, 'TABLE_CLEAR dev fd00');
  waiting.at(-1)!.answer();
  await changes;
});

test('a rename locks both names', async (t) => {
  const { kernel, waiting } = slowKernel();
  const { dm } = await recorded(kernel);
  const changes = Promise.all([
    dm.rename('a', 'b'),
    dm.suspend('b'),
    dm.suspend('a'),
    dm.suspend('c'),
  ]);
  await turn();
  t.deepEqual(
    waiting.map(({ words }) => words),
    ['DEV_RENAME a', 'DEV_SUSPEND c'],
  );
  for (let i = 0; i < waiting.length; i++) {
    waiting[i]!.answer();
    await turn();
  }
  t.deepEqual(
    waiting.slice(2).map(({ words }) => words),
    ['DEV_STATUS dev fd00', 'DEV_SUSPEND b', 'DEV_SUSPEND a'],
  );
  await changes;
});

test('changes of different devices, and queries, do not wait for each other', async (t) => {
  const { kernel, waiting } = slowKernel();
  const { dm } = await recorded(kernel);
  const calls = [
    dm.suspend('a'),
    dm.suspend('b'),
    dm.info('a'),
    dm.deps('a'),
    dm.status('a'),
    dm.wait('a', { eventNr: 0 }),
  ];
  await turn();
  t.deepEqual(
    waiting.map(({ words }) => words),
    [
      'DEV_STATUS a',
      'TABLE_DEPS a',
      'TABLE_STATUS a',
      'DEV_WAIT a',
      'DEV_SUSPEND a',
      'DEV_SUSPEND b',
    ],
  );
  for (const { answer } of waiting) answer();
  // The fake kernel has no payload for them: only the requests matter.
  await Promise.allSettled(calls);
});

test('an abort during another change ends the wait, without a request', async (t) => {
  const { kernel, waiting } = slowKernel();
  const { dm, seen } = await recorded(kernel);
  const first = dm.suspend('a');
  const abort = new AbortController();
  const reason = new Error('enough');
  const second = dm.resume('a', { signal: abort.signal });
  await turn();
  abort.abort(reason);
  t.is(await t.throwsAsync(second), reason);
  waiting[0]!.answer();
  await first;
  t.is(seen.length, 1);
});

test('a failed change releases its lock', async (t) => {
  const dm = await scripted(t, [['DEV_SUSPEND a', 'EIO'], ['TABLE_CLEAR a']]);
  const first = dm.suspend('a');
  const second = dm.clear('a');
  await t.throwsAsync(first, { code: 'EIO' });
  await t.notThrowsAsync(second);
});

// --- open and close -------------------------------------------------------------------------------

test('armPoll sends DM_DEV_ARM_POLL', async (t) => {
  const { dm, seen } = await recorded();
  await dm.armPoll();
  t.deepEqual(seen.map(inWords), ['DEV_ARM_POLL']);
});

test('await using closes the transport once', async (t) => {
  let closed = 0;
  {
    await using dm = await DeviceMapper.open({
      transport: {
        ioctl: ({ buffer }) => ({ errno: 0, buffer }),
        event: async () => undefined,
        close: () => {
          closed += 1;
        },
      },
    });
    t.deepEqual(await dm.version(), [4, 0, 0]);
  }
  t.is(closed, 1);
});

test('a failed query of the version closes the transport', async (t) => {
  let closed = 0;
  const transport = {
    ioctl: ({ buffer }: { readonly buffer: Buffer }) => ({ errno: 13, buffer }),
    event: async () => undefined,
    close: () => {
      closed += 1;
    },
  };
  await t.throwsAsync(DeviceMapper.open({ transport }), { code: 'EACCES' });
  t.is(closed, 1);
});
