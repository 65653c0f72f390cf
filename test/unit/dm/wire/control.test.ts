import test from 'ava';
import { DM_HEADER_MIN, type DmHeader, dmIoctl } from '../../../../src/dm/wire/abi.ts';
import { Dm, type DmCommand } from '../../../../src/dm/wire/commands.ts';
import { Control } from '../../../../src/dm/wire/control.ts';
import { DmFlag } from '../../../../src/dm/wire/flags.ts';
import type {
  Transport,
  TransportCall,
  TransportReply,
} from '../../../../src/dm/wire/transport.ts';
import { type FakeReply, type FakeRequest, fakeKernel } from '../../../../src/testing/index.ts';
import { EMPTY } from '../../../support/testing/raw.ts';

/** A control on a kernel that returns `reply`, and the requests that the kernel received. */
function control(reply: FakeReply | ((request: FakeRequest) => FakeReply) = {}): {
  readonly dm: Control;
  readonly seen: readonly FakeRequest[];
} {
  const seen: FakeRequest[] = [];
  const kernel = (request: FakeRequest): FakeReply => {
    seen.push({ ...request, buffer: Buffer.from(request.buffer) });
    return typeof reply === 'function' ? reply(request) : reply;
  };
  return { dm: new Control(fakeKernel(kernel)), seen };
}

/** A control on a transport with this ioctl, for replies that a fake kernel cannot give. */
const controlOn = (ioctl: (call: TransportCall) => TransportReply): Control => {
  const transport: Transport = {
    ioctl,
    event: () => Promise.reject(new Error('not asked for')),
    close: () => undefined,
  };
  return new Control(transport);
};

/** The buffer with these fields changed in its header. */
function withHeader(buffer: Buffer, fields: Partial<DmHeader>): Buffer {
  const copy = Buffer.from(buffer);
  dmIoctl.encodeInto({ ...dmIoctl.decode(buffer), ...fields }, copy);
  return copy;
}

const COMMANDS: readonly DmCommand[] = Object.values(Dm);

// --- requests ------------------------------------------------------------------------------------

// libdm's table: the lowest version with the command.
const VERSIONS: Readonly<Record<string, readonly [number, number, number]>> = {
  DM_LIST_VERSIONS: [4, 1, 0],
  DM_TARGET_MSG: [4, 2, 0],
  DM_DEV_SET_GEOMETRY: [4, 6, 0],
  DM_DEV_ARM_POLL: [4, 36, 0],
  DM_GET_TARGET_VERSION: [4, 41, 0],
};

// Commands with a payload in the reply start with a buffer of 16 KiB, as in libdm.
const LARGE: readonly string[] = [
  'DM_LIST_DEVICES',
  'DM_DEV_WAIT',
  'DM_TABLE_DEPS',
  'DM_TABLE_STATUS',
  'DM_LIST_VERSIONS',
  'DM_TARGET_MSG',
  'DM_GET_TARGET_VERSION',
];

for (const command of COMMANDS) {
  test(`${command.name} is sent with zeroed fields, its own version and a complete header`, async (t) => {
    const { dm, seen } = control();
    await dm.send(command);
    t.is(seen.length, 1);
    const { buffer, header } = seen[0]!;
    const version = VERSIONS[command.name] ?? [4, 0, 0];
    t.deepEqual(header, { ...EMPTY, version, dataSize: buffer.length });
    t.is(buffer.length, LARGE.includes(command.name) ? 16 * 1024 : 312);
    t.true(buffer.subarray(20).every((byte) => byte === 0));
  });

  for (let size = 1; size <= 9; size += 4) {
    test(`${command.name} with ${size} bytes after the header is zero-padded to a multiple of 8`, async (t) => {
      const { dm, seen } = control();
      await dm.send(command, { payload: Buffer.alloc(size, 0x41) });
      const { buffer, header } = seen[0]!;
      t.is(header.dataSize, buffer.length);
      t.is(buffer.length % 8, 0);
      t.true(buffer.length >= 312 + size);
      t.true(buffer.subarray(312, 312 + size).every((byte) => byte === 0x41));
      t.true(buffer.subarray(312 + size).every((byte) => byte === 0));
    });
  }

  test(`${command.name} accepts its own flags and rejects all others`, async (t) => {
    const { dm, seen } = control();
    await dm.send(command, { flags: command.flags });
    t.is(seen[0]!.header.flags, command.flags);
    for (let bit = 0; bit < 32; bit++) {
      const flags = 2 ** bit;
      if ((command.flags & flags) !== 0) continue;
      await t.throwsAsync(dm.send(command, { flags }), {
        code: 'ERR_DMTS_INPUT',
        message: new RegExp(`^flags: expected only flags of ${command.name} \\(.*\\), got`),
      });
    }
    t.is(seen.length, 1);
  });
}

test('the fields of a request are written into the header', async (t) => {
  const { dm, seen } = control();
  await dm.send(Dm.DEV_STATUS, {
    selector: { name: 'a\xff', uuid: 'u', dev: 0xfd00n, label: 'x' },
    flags: DmFlag.QUERY_INACTIVE_TABLE,
    eventNr: 0xffffffff,
    targetCount: 3,
  });
  t.like(seen[0]!.header, {
    name: 'a\xff',
    uuid: 'u',
    dev: 0xfd00n,
    flags: 0x1000,
    eventNr: 0xffffffff,
    targetCount: 3,
  });
});

test('a payload of 1 GiB is rejected before a buffer is allocated', async (t) => {
  const { dm, seen } = control();
  // Only the length is read.
  const payload = { length: 1024 ** 3 - 311 } as Buffer;
  await t.throwsAsync(dm.send(Dm.TABLE_LOAD, { payload }), {
    code: 'ERR_DMTS_INPUT',
    message: 'payload: expected less than 1073741824 bytes',
  });
  t.is(seen.length, 0);
});

// --- buffers that are too small -----------------------------------------------------------------

const GROWTH: readonly (readonly [payload: number, sizes: readonly number[], next: number])[] = [
  [0, [16384], 16384],
  [16384 - 312, [16384], 16384],
  [16384 - 311, [16384, 32768], 20488],
  [32768 - 312, [16384, 32768], 32768],
  [32768 - 311, [16384, 32768, 65536], 40968],
  [100_000, [16384, 32768, 65536, 131072], 125392],
];

for (const [size, sizes, next] of GROWTH) {
  test(`a reply of ${size} bytes takes ${sizes.length} requests the first time, then one`, async (t) => {
    const payload = Buffer.alloc(size, 0x41);
    const { dm, seen } = control({ payload });
    t.deepEqual((await dm.send(Dm.LIST_DEVICES)).data, payload);
    t.deepEqual(
      seen.map(({ header }) => header.dataSize),
      sizes,
    );
    t.deepEqual((await dm.send(Dm.LIST_DEVICES)).data, payload);
    t.deepEqual(
      seen.slice(sizes.length).map(({ header }) => header.dataSize),
      [next],
    );
  });
}

test('the buffer size is remembered for each command, and shrinks again', async (t) => {
  let payload = Buffer.alloc(60_000);
  const { dm, seen } = control(() => ({ payload }));
  let known = 0;
  const sizes = (): readonly number[] => {
    const fresh = seen.slice(known).map(({ header }) => header.dataSize);
    known = seen.length;
    return fresh;
  };
  await dm.send(Dm.LIST_DEVICES);
  sizes();
  payload = Buffer.alloc(10);
  await dm.send(Dm.LIST_VERSIONS);
  t.deepEqual(sizes(), [16384]);
  await dm.send(Dm.LIST_DEVICES);
  await dm.send(Dm.LIST_DEVICES);
  t.deepEqual(sizes(), [65536, 16384]);
});

test('a message is repeated with the same payload in a larger buffer', async (t) => {
  const payload = Buffer.from('a message of some length\0');
  const { dm, seen } = control({ payload: Buffer.alloc(20_000), flags: DmFlag.DATA_OUT });
  await dm.send(Dm.TARGET_MSG, { payload });
  t.is(seen.length, 2);
  for (const { buffer } of seen) t.deepEqual(buffer.subarray(312, 312 + payload.length), payload);
});

test('a reply that exceeds 1 GiB is an error', async (t) => {
  const sizes: number[] = [];
  const dm = controlOn(({ buffer }) => {
    sizes.push(buffer.length);
    return { errno: 0, buffer: withFlag(buffer) };
  });
  const withFlag = (buffer: Buffer): Buffer => {
    dmIoctl.encodeInto({ ...dmIoctl.decode(buffer), flags: DmFlag.BUFFER_FULL }, buffer);
    return buffer;
  };
  await t.throwsAsync(dm.send(Dm.LIST_DEVICES), {
    code: 'ERR_DMTS_REPLY',
    message: 'DM_LIST_DEVICES: the reply exceeds 1 GiB',
  });
  t.is(sizes.length, 17);
  t.is(sizes.at(-1), 1024 ** 3);
});

// --- inconsistent replies ------------------------------------------------------------------------

const BOUNDS: readonly (readonly [start: number, size: number, outcome: number | 'rejected'])[] = [
  // The kernel's two forms of an empty payload.
  [312, 312, 0],
  [312, 305, 0],
  [312, 316, 4],
  [305, 16384, 16079],
  [312, 16384, 16072],
  [16384, 16384, 0],
  [0xffffffff, 312, 0],
  [312, 16385, 'rejected'],
  [312, 0xffffffff, 'rejected'],
  [312, 304, 'rejected'],
  [312, 0, 'rejected'],
  [304, 312, 'rejected'],
  [0, 312, 'rejected'],
];

for (const [dataStart, dataSize, outcome] of BOUNDS) {
  test(`a reply from ${dataStart} to ${dataSize} of 16384: ${outcome}`, async (t) => {
    const { dm } = control({ dataStart, dataSize });
    if (outcome === 'rejected') {
      await t.throwsAsync(dm.send(Dm.TABLE_STATUS), {
        code: 'ERR_DMTS_REPLY',
        message: `DM_TABLE_STATUS: expected a payload within 16384 bytes, got offsets ${dataStart} to ${dataSize}`,
      });
    } else t.is((await dm.send(Dm.TABLE_STATUS)).data.length, outcome);
  });
}

test('the bounds of the payload are ignored for commands without one', async (t) => {
  // The replies of DM_REMOVE_ALL and DM_DEV_SET_GEOMETRY have a data_size of 0.
  const { dm } = control({ dataStart: 0, dataSize: 0 });
  for (const command of COMMANDS.filter(({ reply }) => reply !== 'payload')) {
    t.is((await dm.send(command)).data.length, 0);
  }
});

for (const version of [
  [3, 50, 0],
  [5, 0, 0],
  [0, 0, 0],
] as const) {
  test(`interface version ${version.join('.')} is rejected`, async (t) => {
    const { dm } = control({ version });
    for (const command of COMMANDS) {
      await t.throwsAsync(dm.send(command), {
        code: 'ERR_DMTS_REPLY',
        message: `${command.name}: expected interface version 4, got ${version.join('.')}`,
      });
    }
    t.is(dm.version, undefined);
  });
}

test('a command newer than the kernel is rejected once the version is known', async (t) => {
  const { dm, seen } = control({ version: [4, 35, 2] });
  t.is(dm.version, undefined);
  await dm.send(Dm.VERSION);
  t.deepEqual(dm.version, [4, 35, 2]);
  await t.throwsAsync(dm.send(Dm.DEV_ARM_POLL), {
    code: 'ENOTTY',
    message:
      /ioctl DM_DEV_ARM_POLL\. The command requires interface version 4\.36, and this kernel has 4\.35\.2$/,
  });
  t.is(seen.length, 1);
  await dm.send(Dm.LIST_DEVICES);
  t.is(seen.length, 2);
});

// --- errnos and interruptions -------------------------------------------------------------------

test('the error of a failed call has the command and the device as the caller named it', async (t) => {
  const { dm } = control('EBUSY');
  await t.throwsAsync(
    dm.send(Dm.DEV_REMOVE, {
      selector: { name: 'a\\x20b', label: 'a b' },
      flags: DmFlag.DEFERRED_REMOVE,
    }),
    {
      name: 'DmError',
      code: 'EBUSY',
      message: /^EBUSY: resource busy or locked, ioctl DM_DEV_REMOVE 'a b'\. It is open: /,
    },
  );
});

test('the buffer of a failed call is ignored', async (t) => {
  const dm = controlOn(({ buffer }) => ({
    errno: 22,
    buffer: withHeader(buffer, { version: [9, 9, 9], dataSize: 0xffffffff }),
  }));
  await t.throwsAsync(dm.send(Dm.LIST_DEVICES), { code: 'EINVAL' });
  t.is(dm.version, undefined);
});

test('EINTR on a thread without an abort: the same call is repeated', async (t) => {
  const calls: Buffer[] = [];
  const dm = controlOn(({ buffer }) => {
    calls.push(Buffer.from(buffer));
    // The kernel overwrites the buffer.
    buffer.fill(0xee);
    if (calls.length < 4) return { errno: 4, buffer, threaded: true };
    return { errno: 0, buffer: calls[0]!, threaded: true };
  });
  await dm.send(Dm.DEV_SUSPEND, { selector: { name: 'a', label: 'a' }, flags: DmFlag.SUSPEND });
  t.is(calls.length, 4);
  for (const call of calls) t.deepEqual(call, calls[0]);
});

test('EINTR without a thread is returned to the caller', async (t) => {
  let calls = 0;
  const dm = controlOn(({ buffer }) => {
    calls += 1;
    return { errno: 4, buffer };
  });
  await t.throwsAsync(dm.send(Dm.DEV_SUSPEND), { code: 'EINTR' });
  t.is(calls, 1);
});

for (const threaded of [true, false]) {
  test(`EINTR after an abort rejects with the reason of the signal, threaded: ${threaded}`, async (t) => {
    const abort = new AbortController();
    const reason = new Error('enough');
    let calls = 0;
    const dm = controlOn(({ buffer, signal }) => {
      calls += 1;
      t.is(signal, abort.signal);
      abort.abort(reason);
      return { errno: 4, buffer, threaded };
    });
    t.is(await t.throwsAsync(dm.send(Dm.DEV_WAIT, { signal: abort.signal })), reason);
    t.is(calls, 1);
  });
}

test('a call that ends before the abort reaches it succeeds', async (t) => {
  const abort = new AbortController();
  const dm = controlOn(({ buffer }) => {
    abort.abort(new Error('late'));
    return { errno: 0, buffer };
  });
  await t.notThrowsAsync(dm.send(Dm.DEV_SUSPEND, { signal: abort.signal }));
});

test('no request is sent after an abort, even if the transport ignores the signal', async (t) => {
  const { dm, seen } = control();
  const reason = new Error('before');
  t.is(await t.throwsAsync(dm.send(Dm.VERSION, { signal: AbortSignal.abort(reason) })), reason);
  t.is(seen.length, 0);
});

test('no request is repeated with a larger buffer after an abort', async (t) => {
  const abort = new AbortController();
  const reason = new Error('enough');
  const { dm, seen } = control(() => {
    abort.abort(reason);
    return { payload: Buffer.alloc(20_000) };
  });
  t.is(await t.throwsAsync(dm.send(Dm.TABLE_STATUS, { signal: abort.signal })), reason);
  t.is(seen.length, 1);
});

test('an error of the transport is passed on unchanged', async (t) => {
  const error = new Error('thread died');
  const dm = controlOn(() => {
    throw error;
  });
  t.is(await t.throwsAsync(dm.send(Dm.VERSION)), error);
});

test("the minimum size is the kernel's", (t) => t.is(DM_HEADER_MIN, 305));

// --- keys ----------------------------------------------------------------------------------------

/** A key in a payload. */
const KEY = 'c0ffee';

/** Replies of a transport that does not wipe. */
const SECRET_ANSWERS: readonly (readonly [
  title: string,
  answer: (call: TransportCall) => TransportReply,
])[] = [
  ['is not sent', () => ({ errno: 9, buffer: Buffer.alloc(0) })],
  ['fails', ({ buffer }) => ({ errno: 22, buffer })],
  ['fails with a copy', ({ buffer }) => ({ errno: 22, buffer: Buffer.from(buffer) })],
  [
    'succeeds with another buffer',
    ({ buffer }) => ({ errno: 0, buffer: Buffer.from(buffer).fill(0, 312) }),
  ],
  [
    'rejects',
    () => {
      throw new Error('no thread');
    },
  ],
];

for (const [title, answer] of SECRET_ANSWERS) {
  test(`a request with a key that ${title}: no buffer contains the key afterwards`, async (t) => {
    const seen: Buffer[] = [];
    const dm = controlOn((call) => {
      t.true(call.buffer.includes(KEY));
      seen.push(call.buffer);
      const reply = answer(call);
      seen.push(reply.buffer);
      return reply;
    });
    const payload = Buffer.from(`key set ${KEY}`);
    await dm.send(Dm.TARGET_MSG, { payload, flags: DmFlag.SECURE_DATA }).catch(() => undefined);
    for (const bytes of [payload, ...seen]) t.false(bytes.includes(KEY));
    t.true(seen.length > 0);
  });
}

test('a request with a key whose buffer is transferred and lost rejects with the error of the call', async (t) => {
  const reason = new Error('no thread');
  const dm = controlOn(({ buffer }) => {
    structuredClone(buffer.buffer, { transfer: [buffer.buffer as ArrayBuffer] });
    throw reason;
  });
  const payload = Buffer.from(`key set ${KEY}`);
  const call = dm.send(Dm.TARGET_MSG, { payload, flags: DmFlag.SECURE_DATA });
  t.is(await t.throwsAsync(call), reason);
});

test('a request with a key that is rejected before it is sent: the payload is wiped', async (t) => {
  const { dm } = control();
  const payload = Buffer.from(`key set ${KEY}`);
  const flags = DmFlag.SECURE_DATA | DmFlag.SUSPEND;
  await t.throwsAsync(dm.send(Dm.TARGET_MSG, { payload, flags }), { name: 'InputError' });
  t.false(payload.includes(KEY));
});
