// The record that the kernel returns for given parameters.

import { isDeepStrictEqual } from 'node:util';
import type { MultipathParams } from '../../../../src/dm/targets/index.ts';
import { SecretKey } from '../../../../src/index.ts';
import { runningSuite } from '../../../support/kernel/target-support.ts';
import type { Kind } from './sample.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Linux 6.5 prints the default features of flakey. */
const newer = runningSuite !== 'bookworm';

/** A record to compare: keys revealed, numbers as strings, default values left out. */
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

/** The kernel ignores words after the last parameter. */
const ignored = { trailing: undefined };

/** The fields that the kernel returns with another value than given. */
const CHANGED: Readonly<Record<string, (given: Fields) => Fields>> = {
  flakey: (given) => {
    // A probability of zero means no corruption.
    const randomReadCorrupt = Number(given['randomReadCorrupt'] ?? 0) || undefined;
    const randomWriteCorrupt = Number(given['randomWriteCorrupt'] ?? 0) || undefined;
    const features = ['errorReads', 'dropWrites', 'errorWrites', 'corruptByte'];
    const none =
      !randomReadCorrupt && !randomWriteCorrupt && features.every((name) => !given[name]);
    const all = newer && none ? { errorReads: true, errorWrites: true } : {};
    return { randomReadCorrupt, randomWriteCorrupt, ...all };
  },
  // The default is not printed.
  crypt: ({ sectorSize }) => ({
    sectorSize: sectorSize === 512 ? undefined : sectorSize,
    ...ignored,
  }),
  'log-writes': () => ignored,
  error: () => ignored,
  integrity: ({ blockSize }) => ({ blockSize: blockSize === 512 ? undefined : blockSize }),
  // The kernel prints the parsed value.
  verity: ({ rootHash, salt }) => ({
    rootHash: String(rootHash).toLowerCase(),
    salt: (salt as string | undefined)?.toLowerCase(),
  }),
  // Without a chunk size, the size from the store applies.
  snapshot: ({ chunkSize }) => ({ chunkSize: BigInt(chunkSize as bigint) || 32n }),
  'snapshot-merge': ({ chunkSize }) => ({ chunkSize: BigInt(chunkSize as bigint) || 32n }),
  raid: ({ maxWriteBehind }) =>
    maxWriteBehind === undefined ? {} : { maxWriteBehind: Math.floor(Number(maxWriteBehind) / 2) },
};

/** Fields that are not compared as they are, on either side. */
const ALIKE: Readonly<Record<string, (record: Fields) => Fields>> = {
  // The kernel enlarges it on demand.
  raid: ({ stripeCache }) => ({ stripeCache: stripeCache !== undefined }),
  // The kernel has its own order.
  'thin-pool': ({ features }) => ({ features: [...new Set(features as string[])].sort() }),
  // Some kernels add `retain_attached_hw_handler`. `rq` and `mq` are equal here.
  // The selectors change their arguments, so only their number counts.
  multipath: ({ queueMode, groups }) => ({
    retainAttachedHwHandler: undefined,
    queueMode: queueMode === 'bio' ? 'bio' : undefined,
    groups: (groups as MultipathParams['groups']).map(({ selector, paths }) => ({
      selector,
      paths: paths.map(({ device, args = [] }) => ({ device, args: args.length })),
    })),
  }),
};

/** Fields that depend on a mode, a superblock or a clock: returned changed, or not at all. */
const UNSETTLED: Readonly<Record<string, readonly string[]>> = {
  integrity: [
    ...['journalSectors', 'interleaveSectors', 'bufferSectors', 'journalWatermark', 'commitTime'],
    ...['sectorsPerBit', 'bitmapFlushInterval', 'recalculate', 'fixPadding', 'fixHmac'],
  ],
};

/** Types whose words have an order that depends on the version, with defaults that the kernel adds. */
const LOOSE = new Set(['integrity']);

/** The library's form of parameters that the kernel prints differently. */
const PRINTED: Readonly<Record<string, (text: string) => string>> = {
  // Unsigned 32-bit numbers that the kernel prints as signed.
  unstriped: (text) => text.replace(/-\d+/g, (n) => String(BigInt.asUintN(32, BigInt(n)))),
};

/** The kernel echoes some words in their given case; the library writes them in lower case. */
const inOrder = (text: string, loose: boolean): string =>
  loose ? text.split(' ').sort().join(' ') : text;

/**
 * What is wrong with parameters that the kernel printed: they must format to the same text, and the record must be
 * the given one.
 */
export function formProblem(kind: Kind, text: string, given: object): string | undefined {
  const { type } = kind;
  const loose = LOOSE.has(type);
  const printed = text.trimEnd();
  const record = kind.parseParams(printed) as Fields;
  const again = kind.formatParams(record as never);
  const expected = PRINTED[type]?.(printed) ?? printed;
  if (inOrder(again, loose).toLowerCase() !== inOrder(expected, loose).toLowerCase()) {
    return `The kernel prints ${printed}, the library ${again}`;
  }
  const alike = (fields: Fields): unknown => plain({ ...fields, ...ALIKE[type]?.(fields) });
  const unsettled = Object.fromEntries((UNSETTLED[type] ?? []).map((name) => [name, undefined]));
  const wanted = alike({ ...given, ...CHANGED[type]?.(given as Fields), ...unsettled });
  const found = alike(record);
  const same = loose
    ? isDeepStrictEqual({ ...(found as object), ...(wanted as object) }, found)
    : isDeepStrictEqual(wanted, found);
  return same ? undefined : `Given ${shown(wanted)}, the kernel returned ${shown(found)}`;
}

const shown = (record: unknown): string => JSON.stringify(record);
