import test from 'ava';
import fc from 'fast-check';
import { addressOf } from '../../../../src/ioctl/libc/libc.ts';
import { LITTLE } from '../../../../src/ioctl/struct/record.ts';
import { alignedBytes, lend, reclaim } from '../../../../src/ioctl/thread/lent-bytes.ts';
import { callInThread } from '../../../../src/ioctl/thread/threads.ts';
import { comes } from '../../../support/comes.ts';
import { FIONREAD, openFileOf } from '../../../support/ioctl/open-file.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** Content of the bytes before a call. FIONREAD overwrites the first four with the size of the file. */
const FILL = 0xee;
const FILE_SIZE = 12345;

// @types/node does not declare it; the DOM's library does.
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  };
};

/** A source of bytes. */
type Source = readonly [title: string, bytesOf: (length: number) => Uint8Array];

const OWN: readonly Source[] = [
  ['Buffer.alloc', (length) => Buffer.alloc(length)],
  ['Buffer.allocUnsafeSlow', (length) => Buffer.allocUnsafeSlow(length)],
  ['new Uint8Array', (length) => new Uint8Array(length)],
  ['a resizable ArrayBuffer', (length) => new Uint8Array(resizable(length))],
  ['alignedBytes', (length) => alignedBytes(length, 4096)],
];

const NOT_OWN: readonly Source[] = [
  ['Node’s pool', (length) => Buffer.from('x'.repeat(length))],
  ['the end of a larger buffer', (length) => Buffer.alloc(length + 8).subarray(8)],
  ['the beginning of a larger buffer', (length) => Buffer.alloc(length + 8).subarray(0, length)],
  ['a SharedArrayBuffer', (length) => new Uint8Array(new SharedArrayBuffer(length))],
  ['WebAssembly memory', () => new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer)],
];

// TypeScript's library for Node 20 lacks the second argument.
const resizable = (length: number): ArrayBuffer =>
  Reflect.construct(ArrayBuffer, [length, { maxByteLength: 2 * length }]);

/** The size that FIONREAD wrote, and the byte after it. */
function answerIn({ buffer, byteOffset }: Uint8Array): readonly [size: number, next: number] {
  const view = new DataView(buffer, byteOffset);
  return [view.getInt32(0, LITTLE), view.getUint8(4)];
}

for (const [title, bytesOf] of OWN) {
  test(`${title}: lent to the call, and returned with the kernel’s reply`, async (t) => {
    const fd = openFileOf(t, tempDir(t), FILE_SIZE);
    const given = bytesOf(64).fill(FILL);
    const { value, bytes } = await callInThread('ioctl', [fd, FIONREAD, given]);
    t.is(value, 0);
    t.is(given.byteLength, 0);
    t.true(Buffer.isBuffer(bytes[0]));
    t.is(bytes[0]?.byteLength, 64);
    t.deepEqual(answerIn(bytes[0]!), [FILE_SIZE, FILL]);
  });
}

for (const [title, bytesOf] of NOT_OWN) {
  test(`${title}: unchanged, and a copy is returned with the kernel’s reply`, async (t) => {
    const fd = openFileOf(t, tempDir(t), FILE_SIZE);
    const given = bytesOf(64).fill(FILL);
    const { value, bytes } = await callInThread('ioctl', [fd, FIONREAD, given]);
    t.is(value, 0);
    t.true(Buffer.alloc(given.byteLength, FILL).equals(given));
    t.not(given.byteLength, 0);
    t.is(bytes[0]?.byteLength, given.byteLength);
    t.deepEqual(answerIn(bytes[0]!), [FILE_SIZE, FILL]);
  });
}

test('two arguments in one buffer each get their own memory', async (t) => {
  const fd = openFileOf(t, tempDir(t), FILE_SIZE);
  const whole = Buffer.alloc(64, FILL);
  const args = [fd, FIONREAD, whole, whole.subarray(8), whole];
  const { bytes } = await callInThread('ioctl', args);
  t.deepEqual(answerIn(bytes[0]!), [FILE_SIZE, FILL]);
  t.deepEqual(bytes.slice(1), [Buffer.alloc(56, FILL), Buffer.alloc(64, FILL)]);
  t.deepEqual(whole, Buffer.alloc(64, FILL));
});

test('a copy has its own memory only', (t) => {
  const { args, transfer, copies } = lend([1, Buffer.from('in the pool'), 'text', Buffer.alloc(3)]);
  const [copy] = copies;
  t.is(copies.length, 1);
  t.is(args[1], copy);
  t.is(copy?.buffer.byteLength, 'in the pool'.length);
  t.deepEqual(
    transfer.map(({ byteLength }) => byteLength),
    ['in the pool'.length, 3],
  );
});

test('returned bytes are lent again without a copy, at the same address', async (t) => {
  const fd = openFileOf(t, tempDir(t), FILE_SIZE);
  let bytes = alignedBytes(4096, 4096);
  const address = addressOf(bytes);
  for (let i = 0; i < 3; i++) {
    bytes = (await callInThread('ioctl', [fd, FIONREAD, bytes])).bytes[0]!;
    t.is(addressOf(bytes), address);
  }
  t.deepEqual(lend([reclaim(bytes)]).copies, []);
});

for (const alignment of [1, 512, 4096, 65_536]) {
  test(`bytes aligned to ${alignment}`, (t) => {
    const bytes = alignedBytes(100, alignment);
    t.is(addressOf(bytes) % BigInt(alignment), 0n);
    t.deepEqual(bytes, Buffer.alloc(100));
  });
}

test('bytes of any content and size are returned as the kernel left them', async (t) => {
  const fd = openFileOf(t, tempDir(t), 3);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 5000 }), async (bytes) => {
      const expected = Buffer.from(bytes);
      const { bytes: back } = await callInThread('lseek', [fd, 0, 0, bytes]);
      t.true(back[0]?.equals(expected));
    }),
    { numRuns: 50 },
  );
});

for (const [title, bytesOf] of OWN) {
  test(`${title}: of two concurrent calls with the same bytes, one is rejected`, async (t) => {
    const fd = openFileOf(t, tempDir(t), FILE_SIZE);
    const given = bytesOf(64);
    const calls = [1, 2].map(() => callInThread('ioctl', [fd, FIONREAD, given]));
    const outcomes = await comes('both calls', Promise.allSettled(calls));
    // Which call gets a thread first depends on the load.
    const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
    t.is(rejected.length, 1);
    t.regex(String(rejected[0]?.reason), /^TypeError: invalid bytes: .* not lent to another call$/);
  });
}
