// What every typed target offers: a target of a table from a record, and a record from the kernel's text.

import type { Sectors, TargetInput } from '../table.ts';

/** Where a target lies in its table. */
export interface Placement {
  /** First sector. @default the end of the target before, 0 for the first */
  readonly start?: Sectors;
  /** Sectors it serves. */
  readonly length: Sectors;
}

/**
 * A target type. Called with a placement and its parameters it gives a target for a table:
 * `linear({ length: 2048, device: '/dev/sdb', offset: 0 })`.
 */
export interface TargetKind<Params, Status> {
  (target: Placement & Params): TargetInput;
  /** The kernel's name: `'linear'`. */
  readonly type: string;
  /** The parameters as the kernel takes them. @throws InputError naming the field */
  readonly formatParams: (params: Params) => string;
  /** The record of a table's parameters. @throws InputError for text the kernel never prints */
  readonly parseParams: (text: string) => Params;
  /** The record of a status text. @throws InputError for text the kernel never prints */
  readonly parseStatus: (text: string) => Status;
}

/** Make a target kind of its two directions. */
export function targetKind<Params, Status>(
  type: string,
  directions: {
    readonly formatParams: (params: Params) => string;
    readonly parseParams: (text: string) => Params;
    readonly parseStatus: (text: string) => Status;
  },
): TargetKind<Params, Status> {
  const make = ({ start, length, ...params }: Placement & Params): TargetInput => ({
    ...(start !== undefined && { start }),
    length,
    type,
    params: directions.formatParams(params as Params),
  });
  return Object.assign(make, { type, ...directions });
}

/** A target without a status says nothing. */
export const noStatus = (): undefined => undefined;
