// A valid target: its record, and what the kernel needs besides.

import fc from 'fast-check';
import type { Messages, TargetKind } from '../../../../src/index.ts';
import { runningSuite } from '../../../support/kernel/target-support.ts';
import { placed } from './place.ts';

/** The typed target with any parameters: formats and parses them. */
export interface Kind {
  readonly type: string;
  readonly formatParams: (params: never) => string;
  readonly parseParams: (text: string) => unknown;
}

/** A target that is meant to load. */
export interface Sample {
  readonly kind: Kind;
  readonly length: bigint;
  readonly params: object;
  /** Whether its table must be read-only. */
  readonly readOnly: boolean;
}

/** How to generate samples of a type. */
export interface SampleOptions<P> {
  /** @default 8 to 8192 sectors in steps of 8 */
  readonly length?: fc.Arbitrary<bigint> | ((params: P) => fc.Arbitrary<bigint>);
  readonly readOnly?: boolean;
  /** Parameters of the type that seldom fit these disks. */
  readonly wild?: fc.Arbitrary<P>;
}

/** A multiple of `unit` sectors, from 1 to `max` times. */
export const times = (unit: bigint | number, max: number): fc.Arbitrary<bigint> =>
  fc.integer({ min: 1, max }).map((n) => BigInt(n) * BigInt(unit));

/** One of 4 to 9 records is a wild one. */
export function samples<P extends object, S, M extends Messages, R>(
  kind: TargetKind<P, S, M, R>,
  params: fc.Arbitrary<NoInfer<P>>,
  { length = times(8, 1024), readOnly = false, wild }: SampleOptions<NoInfer<P>> = {},
): fc.Arbitrary<Sample> {
  const any = wild === undefined ? params : fc.oneof({ weight: 6, arbitrary: params }, wild);
  return any.chain((record) =>
    (typeof length === 'function' ? length(record) : length).map((sectors) => ({
      kind: kind as Kind,
      length: sectors,
      params: placed(record),
      readOnly,
    })),
  );
}

/** The record without what Linux 6.1 does not know, if that runs. */
export const known = <P extends object>(params: P, newer: readonly (keyof P & string)[]): P =>
  runningSuite === 'bookworm'
    ? (Object.fromEntries(
        Object.entries(params).filter(([name]) => !(newer as readonly string[]).includes(name)),
      ) as P)
    : params;
