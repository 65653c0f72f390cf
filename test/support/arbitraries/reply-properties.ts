// Properties of every reply, valid or hostile. The tests run them for seconds, fuzz/ runs them without end.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  parseDeps,
  parseMessageText,
  parseNames,
  parseTargets,
  parseVersions,
} from '../../../src/dm/reply/replies.ts';
import { ReplyError } from '../../../src/dm/wire/errors.ts';
import { fromKernel } from '../../../src/dm/wire/text.ts';
import {
  depsList,
  type ListedDevice,
  type ListedTarget,
  type ListedVersion,
  nameList,
  targetList,
  versionList,
} from './kernel-replies.ts';
import { type Law, law } from './runs.ts';
import { anyDev, anyU32, anyU64, anyVersion, kernelText } from './values.ts';

const plain = { noNullPrototype: true } as const;

const anyDevices: fc.Arbitrary<readonly ListedDevice[]> = fc.array(
  fc.record(
    {
      name: kernelText(40, 1),
      dev: anyDev,
      eventNr: anyU32,
      uuid: fc.option(kernelText(40, 1), { nil: undefined }),
    },
    plain,
  ),
  { maxLength: 5 },
);

const anyVersions: fc.Arbitrary<readonly ListedVersion[]> = fc.array(
  fc.record({ name: kernelText(15), version: anyVersion }, plain),
  { maxLength: 5 },
);

const anyTargets: fc.Arbitrary<readonly ListedTarget[]> = fc.array(
  fc.record({ start: anyU64, length: anyU64, type: kernelText(15), params: kernelText(40) }, plain),
  { maxLength: 5 },
);

/** A payload, and the target count in its header. */
interface Reply {
  readonly data: Buffer;
  readonly count: number;
}

const PARSERS: Readonly<Record<string, (reply: Reply) => unknown>> = {
  names: ({ data }) => parseNames(data),
  versions: ({ data }) => parseVersions(data),
  deps: ({ data }) => parseDeps(data),
  targets: ({ data, count }) => parseTargets(data, count),
  message: ({ data }) => parseMessageText(data),
};

/** Damage to a reply. */
type Damage =
  | { readonly kind: 'word'; readonly at: number; readonly value: number }
  | { readonly kind: 'byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'grow'; readonly by: number; readonly value: number };

/** Harmful offsets: 0, backwards, unaligned, to the struct itself, beyond the end. */
const evilWord = fc.oneof(
  fc.constantFrom(0, 1, 7, 8, 12, 16, 24, 40, 48, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff),
  fc.nat(300),
  anyU32,
);

const anyDamage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('word' as const), at: fc.nat(400), value: evilWord }, plain),
  fc.record({ kind: fc.constant('byte' as const), at: fc.nat(400), value: fc.nat(255) }, plain),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(400) }, plain),
  fc.record({ kind: fc.constant('grow' as const), by: fc.nat(40), value: fc.nat(255) }, plain),
);

function damaged(data: Buffer, damages: readonly Damage[]): Buffer {
  let bytes = Buffer.from(data);
  for (const damage of damages) {
    if (damage.kind === 'grow') {
      bytes = Buffer.concat([bytes, Buffer.alloc(damage.by, damage.value)]);
    } else if (bytes.length > 0) {
      const at = damage.at % bytes.length;
      if (damage.kind === 'cut') bytes = bytes.subarray(0, at);
      else if (damage.kind === 'byte') bytes[at] = damage.value;
      else if (bytes.length >= 4)
        bytes.writeUInt32LE(damage.value, Math.min(at & ~3, bytes.length - 4));
    }
  }
  return bytes;
}

const anyCount = fc.oneof(fc.nat(8), evilWord);

const trueReply: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .tuple(anyDevices, fc.constantFrom('plain' as const, 'events' as const, 'uuids' as const))
    .map(([devices, form]) => nameList(devices, form)),
  anyVersions.map(versionList),
  fc.array(anyDev, { maxLength: 8 }).map(depsList),
  anyTargets.map(targetList),
);

/** Arbitrary bytes, or a valid reply with some damage. */
const hostileReply: fc.Arbitrary<Reply> = fc.record(
  {
    data: fc.oneof(
      {
        weight: 1,
        arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      },
      {
        weight: 3,
        arbitrary: fc
          .tuple(trueReply, fc.array(anyDamage, { maxLength: 4 }))
          .map(([data, damages]) => damaged(data, damages)),
      },
    ),
    count: anyCount,
  },
  plain,
);

/** The result of a parser for a window of a larger buffer whose other bytes are all `around`. */
function outcome(
  parse: (reply: Reply) => unknown,
  { data, count }: Reply,
  around: number,
): unknown {
  const whole = Buffer.alloc(data.length + 128, around);
  data.copy(whole, 64);
  try {
    return parse({ data: whole.subarray(64, 64 + data.length), count });
  } catch (error) {
    assert(error instanceof ReplyError, `expected a ReplyError, got ${String(error)}`);
    return error.message;
  }
}

/** A list cannot have more structs than fit its bytes: 8 bytes for the smallest, a dependency. */
function boundedBy(bytes: number, result: unknown): void {
  if (Array.isArray(result))
    assert(result.length <= bytes / 8, `${result.length} records in ${bytes} bytes`);
}

/** Properties of every reply. */
export const REPLY_LAWS: readonly Law[] = [
  law(
    'device lists of the kernel are parsed',
    fc.property(anyDevices, (devices) => {
      const without = (missing: Partial<ListedDevice>): readonly ListedDevice[] =>
        devices.map((device) => ({ ...device, ...missing }));
      assert.deepEqual(parseNames(nameList(devices, 'uuids')), devices);
      assert.deepEqual(parseNames(nameList(devices, 'events')), without({ uuid: undefined }));
      assert.deepEqual(
        parseNames(nameList(devices, 'plain')),
        without({ uuid: undefined, eventNr: 0 }),
      );
    }),
  ),
  law(
    'version lists of the kernel are parsed',
    fc.property(anyVersions, (versions) => {
      assert.deepEqual(
        parseVersions(versionList(versions)),
        versions.map(({ name, version }) => ({ name: fromKernel(name), version })),
      );
    }),
  ),
  law(
    'dependencies of the kernel are parsed',
    fc.property(fc.array(anyU64, { maxLength: 20 }), (devs) => {
      assert.deepEqual(parseDeps(depsList(devs)), devs);
    }),
  ),
  law(
    'targets of the kernel are parsed',
    fc.property(anyTargets, (targets) => {
      assert.deepEqual(
        parseTargets(targetList(targets), targets.length),
        targets.map((target) => ({
          ...target,
          type: fromKernel(target.type),
          params: fromKernel(target.params),
        })),
      );
    }),
  ),
];

/** Properties for arbitrary bytes. */
export const HOSTILE_REPLY_LAW: Law = law(
  'a hostile reply is read within its bounds or rejected with a ReplyError',
  fc.property(hostileReply, (reply) => {
    for (const [name, parse] of Object.entries(PARSERS)) {
      // The bytes outside differ between the two, which reveals a read beyond the end.
      const [one, other] = [0x00, 0x41].map((around) => outcome(parse, reply, around));
      assert.deepEqual(one, other, `${name} read outside its bytes`);
      boundedBy(reply.data.length, one);
    }
  }),
);
