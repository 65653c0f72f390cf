// What the kernel makes of parameters: the record that it gives back for the one that it was given.

import { isDeepStrictEqual } from 'node:util';
import { type MultipathParams, SecretKey } from '../../../../src/index.ts';
import { runningSuite } from '../../target-support.ts';
import type { Kind } from './sample.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Linux 6.5 prints what no feature of flakey means. */
const newer = runningSuite !== 'bookworm';

/** A record to compare: keys revealed, numbers of any kind alike, what says nothing left out. */
function plain(value: unknown): unknown {
  if (value instanceof SecretKey) return value.reveal();
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, part]) => [name, plain(part)] as const)
      .filter(([, part]) => part !== undefined && part !== false && !isEmpty(part)),
  );
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Words behind the last one are ignored. */
const ignored = { trailing: undefined };

/** What the kernel gives back in place of some fields, where it is not what it was given. */
const CHANGED: Readonly<Record<string, (given: Fields) => Fields>> = {
  flakey: (given) => {
    // Without a chance of it there is no corruption.
    const randomReadCorrupt = Number(given['randomReadCorrupt'] ?? 0) || undefined;
    const randomWriteCorrupt = Number(given['randomWriteCorrupt'] ?? 0) || undefined;
    const features = ['errorReads', 'dropWrites', 'errorWrites', 'corruptByte'];
    const none =
      !randomReadCorrupt && !randomWriteCorrupt && features.every((name) => !given[name]);
    const all = newer && none ? { errorReads: true, errorWrites: true } : {};
    return { randomReadCorrupt, randomWriteCorrupt, ...all };
  },
  // What it is anyway is not printed.
  crypt: ({ sectorSize }) => ({
    sectorSize: sectorSize === 512 ? undefined : sectorSize,
    ...ignored,
  }),
  'log-writes': () => ignored,
  error: () => ignored,
  integrity: ({ blockSize }) => ({ blockSize: blockSize === 512 ? undefined : blockSize }),
  // Printed from what was read.
  verity: ({ rootHash, salt }) => ({
    rootHash: String(rootHash).toLowerCase(),
    salt: (salt as string | undefined)?.toLowerCase(),
  }),
  // Without a chunk size the store says it.
  snapshot: ({ chunkSize }) => ({ chunkSize: BigInt(chunkSize as bigint) || 32n }),
  'snapshot-merge': ({ chunkSize }) => ({ chunkSize: BigInt(chunkSize as bigint) || 32n }),
  raid: ({ maxWriteBehind }) =>
    maxWriteBehind === undefined ? {} : { maxWriteBehind: Math.floor(Number(maxWriteBehind) / 2) },
};

/** What is not compared as it stands, on either side. */
const ALIKE: Readonly<Record<string, (record: Fields) => Fields>> = {
  // The kernel takes more when it needs more.
  raid: ({ stripeCache }) => ({ stripeCache: stripeCache !== undefined }),
  // In the kernel's order.
  'thin-pool': ({ features }) => ({ features: [...new Set(features as string[])].sort() }),
  // Some kernels add the one, and `rq` and `mq` are what there is without the other.
  // What selectors make of their words is theirs.
  multipath: ({ queueMode, groups }) => ({
    retainAttachedHwHandler: undefined,
    queueMode: queueMode === 'bio' ? 'bio' : undefined,
    groups: (groups as MultipathParams['groups']).map(({ selector, paths }) => ({
      selector,
      paths: paths.map(({ device, args = [] }) => ({ device, args: args.length })),
    })),
  }),
};

/** What a mode, a superblock or a clock makes of it: not given back as it was, or not at all. */
const UNSETTLED: Readonly<Record<string, readonly string[]>> = {
  integrity: [
    ...['journalSectors', 'interleaveSectors', 'bufferSectors', 'journalWatermark', 'commitTime'],
    ...['sectorsPerBit', 'bitmapFlushInterval', 'recalculate', 'fixPadding', 'fixHmac'],
  ],
};

/** Types whose words come in an order of the version's own, with defaults that it adds. */
const LOOSE = new Set(['integrity']);

/** Parameters as we write them where the kernel prints them in another way. */
const PRINTED: Readonly<Record<string, (text: string) => string>> = {
  // Numbers of 32 bits without a sign, printed with one.
  unstriped: (text) => text.replace(/-\d+/g, (n) => String(BigInt.asUintN(32, BigInt(n)))),
};

/** The kernel echoes some words in the case in which they came; we write them small. */
const inOrder = (text: string, loose: boolean): string =>
  loose ? text.split(' ').sort().join(' ') : text;

/**
 * What is wrong with parameters that the kernel printed: read and written again they must be the same, and the
 * record must be the one that it was given.
 */
export function formProblem(kind: Kind, text: string, given: object): string | undefined {
  const { type } = kind;
  const loose = LOOSE.has(type);
  const printed = text.trimEnd();
  const record = kind.parseParams(printed) as Fields;
  const again = kind.formatParams(record as never);
  const expected = PRINTED[type]?.(printed) ?? printed;
  if (inOrder(again, loose).toLowerCase() !== inOrder(expected, loose).toLowerCase()) {
    return `The kernel prints ${printed}, and we ${again}`;
  }
  const alike = (fields: Fields): unknown => plain({ ...fields, ...ALIKE[type]?.(fields) });
  const unsettled = Object.fromEntries((UNSETTLED[type] ?? []).map((name) => [name, undefined]));
  const wanted = alike({ ...given, ...CHANGED[type]?.(given as Fields), ...unsettled });
  const found = alike(record);
  const same = loose
    ? isDeepStrictEqual({ ...(found as object), ...(wanted as object) }, found)
    : isDeepStrictEqual(wanted, found);
  return same ? undefined : `Given ${shown(wanted)}, the kernel has ${shown(found)}`;
}

const shown = (record: unknown): string => JSON.stringify(record);
