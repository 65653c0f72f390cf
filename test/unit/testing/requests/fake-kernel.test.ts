import test from 'ava';
import { dmIoctl } from '../../../../src/dm/wire/abi.ts';
import { Dm, type DmCommand } from '../../../../src/dm/wire/commands.ts';
import type { TransportReply } from '../../../../src/dm/wire/transport.ts';
import {
  DmFlag,
  type FakeReply,
  type FakeRequest,
  fakeKernel,
} from '../../../../src/testing/index.ts';

const REQUEST = {
  version: [4, 0, 0],
  dataSize: 0,
  dataStart: 312,
  targetCount: 2,
  openCount: 0,
  flags: DmFlag.NOFLUSH | 0x100000,
  eventNr: 7,
  dev: 0xfd00n,
  name: 'a\xff',
  uuid: 'u',
} as const;

/** Make one request of `size` bytes to a kernel that returns `reply`. */
async function ask(
  reply: FakeReply | ((request: FakeRequest) => FakeReply | Promise<FakeReply>),
  {
    size = 400,
    command = Dm.TABLE_STATUS,
  }: { readonly size?: number; readonly command?: DmCommand } = {},
): Promise<TransportReply> {
  const buffer = Buffer.alloc(size);
  dmIoctl.encodeInto({ ...REQUEST, dataSize: size }, buffer);
  buffer.write('payload', 312);
  const { request, blocks } = command;
  const kernel = typeof reply === 'function' ? reply : (): FakeReply => reply;
  return await fakeKernel(kernel).ioctl({ request, buffer, blocks });
}

test("a reply is the request's header with the kernel's version, a counter of 0 and no payload", async (t) => {
  const { errno, buffer } = await ask({});
  t.is(errno, 0);
  t.is(buffer.length, 400);
  t.deepEqual(dmIoctl.decode(buffer), {
    ...REQUEST,
    version: [4, 50, 0],
    dataSize: 312,
    eventNr: 0,
  });
  t.true(buffer.subarray(312).every((byte) => byte === 0));
});

test('fields of the reply replace those of the request', async (t) => {
  const fields = {
    version: [4, 35, 0],
    flags: DmFlag.ACTIVE_PRESENT,
    eventNr: 9,
    dev: 1n,
    name: 'other',
    dataStart: 320,
    dataSize: 0xffffffff,
  } as const;
  t.like(dmIoctl.decode((await ask(fields)).buffer), fields);
});

// Bit 31 is the sign bit of JavaScript's operators, so flags could become negative.
test('a reply can have all 32 flags', async (t) => {
  t.is(dmIoctl.decode((await ask({ flags: 0xffffffff })).buffer).flags, 0xffffffff);
  t.is(dmIoctl.decode((await ask({ flags: 0x80000000 })).buffer).flags, 0x80000000);
});

test('the kernel receives the whole request', async (t) => {
  t.plan(5);
  await ask(({ command, header, payload, buffer, signal }) => {
    t.is(command, Dm.TABLE_STATUS);
    t.deepEqual(header, { ...REQUEST, dataSize: 400 });
    t.is(payload.toString('latin1', 0, 8), 'payload\0');
    t.is(buffer.length, 400);
    t.is(signal, undefined);
    return {};
  });
});

test('a kernel can reply asynchronously', async (t) => {
  const { buffer } = await ask(async () => ({ openCount: 3 }));
  t.is(dmIoctl.decode(buffer).openCount, 3);
});

for (const [code, errno] of [
  ['EBUSY', 16],
  ['ENXIO', 6],
  ['ENOTBLK', 15],
  ['EINTR', 4],
] as const) {
  test(`${code} is errno ${errno}`, async (t) => t.is((await ask(code)).errno, errno));
}

test('an unknown errno code and a kernel that throws reject the call', async (t) => {
  await t.throwsAsync(ask('EWHATEVER'), { instanceOf: RangeError });
  const error = new Error('the test is wrong');
  t.is(
    await t.throwsAsync(
      ask(() => {
        throw error;
      }),
    ),
    error,
  );
});

test('a request of an unknown command fails with ENOTTY', async (t) => {
  const { errno } = await ask({}, { command: { ...Dm.VERSION, request: 0xc138fdff } });
  t.is(errno, 25);
});

for (const [size, length, fits] of [
  [400, 88, true],
  [400, 89, false],
  [312, 0, true],
  [312, 1, false],
] as const) {
  test(`${length} bytes into ${size}: ${fits ? 'they fit' : 'BUFFER_FULL and no data'}`, async (t) => {
    const { errno, buffer } = await ask(
      { payload: Buffer.alloc(length, 0x41), flags: 0x20 },
      { size },
    );
    t.is(errno, 0);
    t.is(buffer.length, size);
    const header = dmIoctl.decode(buffer);
    t.is(header.dataSize, fits ? 312 + length : 305);
    t.is(header.flags, fits ? 0x20 : 0x120);
    t.is(buffer.subarray(312).filter((byte) => byte === 0x41).length, fits ? length : 0);
  });
}

test('every command of the table reaches the kernel', async (t) => {
  const seen: string[] = [];
  for (const command of Object.values(Dm)) {
    const kernel = (request: FakeRequest): FakeReply => {
      seen.push(request.command.name);
      return {};
    };
    await ask(kernel, { command });
  }
  t.deepEqual(
    seen,
    Object.values(Dm).map(({ name }) => name),
  );
});

test('no event occurs, but an abort ends the wait, before or during it', async (t) => {
  const { event } = fakeKernel(() => ({}));
  const reason = new Error('enough');
  const abort = new AbortController();
  const waiting = event(abort.signal);
  abort.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
  // An already aborted signal must not wait forever.
  t.is(await t.throwsAsync(event(AbortSignal.abort(reason))), reason);
});

test('the caller can supply the event function', async (t) => {
  const transport = fakeKernel(() => ({}), { event: async () => undefined });
  await t.notThrowsAsync(transport.event(undefined));
});
