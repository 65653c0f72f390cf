// A typed target on a real kernel and back: the table that the kernel prints parses to the given parameters.

import type { ExecutionContext } from 'ava';
import type {
  DeviceInfo,
  DeviceMapper,
  Messages,
  Placement,
  TargetKind,
} from '../../../src/index.ts';
import { SecretKey } from '../../../src/index.ts';
import { numberOf } from './device-io.ts';
import { scratchDevice, scratchLoop } from './scratch.ts';

/** A device with one target, and its table and status as records. */
export interface TypedDevice<S> {
  readonly info: DeviceInfo;
  /** The parameters as the kernel prints them, without trailing blanks. */
  readonly text: string;
  /** Read the status, with a flush. */
  readonly status: () => Promise<S>;
  /** Read the parameters. */
  readonly params: () => Promise<string>;
}

/** Some empty disks. */
export const disks = (t: ExecutionContext, count: number): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: count }, () => scratchLoop(t)));

/** A record as the kernel returns it: devices by number. */
export function numbered(record: unknown): unknown {
  if (typeof record === 'string') return record.startsWith('/dev/') ? numberOf(record) : record;
  if (Array.isArray(record)) return record.map(numbered);
  if (typeof record !== 'object' || record === null || record instanceof SecretKey) return record;
  return Object.fromEntries(Object.entries(record).map(([name, part]) => [name, numbered(part)]));
}

/**
 * Create a device of one target and check its table: it must parse to `expected` with devices by number, and format to
 * the text of the kernel. The device is removed when the test ends.
 */
export async function roundTrip<P extends object, S, M extends Messages, R>(
  t: ExecutionContext,
  dm: DeviceMapper,
  kind: TargetKind<P, S, M, R>,
  given: Placement & NoInfer<P>,
  expected: object = given,
): Promise<TypedDevice<S>> {
  const info = await scratchDevice(t, dm, { table: [kind(given)] });
  const read = async (what: 'table' | 'status'): Promise<string> =>
    (await dm[what](info.name)).targets[0]!.params;
  const text = (await read('table')).trimEnd();
  const record = kind.parseParams(text);
  const { length, start, ...params } = { start: 0n, ...given, ...expected };
  t.true(BigInt(length) > 0n && BigInt(start) === 0n);
  t.deepEqual<unknown, unknown>(record, numbered(params), text);
  t.is(kind.formatParams(record as unknown as P), text);
  const status = async (): Promise<S> => kind.parseStatus(await read('status'));
  return { info, text, status, params: () => read('table') };
}
