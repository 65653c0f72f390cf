// What every typed target offers: a target of a table from a record, a record from the kernel's text, and
// the messages it understands.

import type { SecretText } from '../secret-text.ts';
import type { TargetInput } from '../table.ts';
import type { SectorsInput } from '../units.ts';

/** Where a target lies in its table. */
export interface Placement {
  /** First sector. @default the end of the target before, 0 for the first */
  readonly start?: SectorsInput;
  /** Sectors it serves. */
  readonly length: SectorsInput;
}

/** Parameters of a target that takes none. */
export type NoParams = Readonly<Record<never, never>>;

/** Messages by name: each function gives the text that `DeviceMapper.message` sends. */
export type Messages = Readonly<Record<string, (...args: never) => string | SecretText>>;

/** A target that understands no message. */
export type NoMessages = Readonly<Record<never, never>>;

/** What a target type is made of. */
export interface TargetDirections<Params, Status, M extends Messages> {
  /** The parameters as the kernel takes them. @throws InputError naming the field */
  readonly formatParams: (params: Params) => string;
  /** The same for a table to load, with keys kept out of any string. @default formatParams */
  readonly tableParams?: (params: Params) => string | SecretText;
  /** The record of a table's parameters. @throws InputError naming the word that does not fit */
  readonly parseParams: (text: string) => Params;
  /** The record of a status text; `undefined` where the target has none. @throws InputError naming the word that does not fit */
  readonly parseStatus: (text: string) => Status;
  /** The messages it understands. */
  readonly messages: M;
}

/**
 * A target type. Called with a placement and its parameters it gives a target for a table:
 * `linear({ length: 2048, device: '/dev/sdb', offset: 0 })`.
 */
export interface TargetKind<Params, Status = undefined, M extends Messages = NoMessages>
  extends TargetDirections<Params, Status, M> {
  (target: Placement & Params): TargetInput;
  /** The kernel's name: `'linear'`. */
  readonly type: string;
}

/** Make a target kind of its directions. */
export function targetKind<Params, Status = undefined, M extends Messages = NoMessages>(
  type: string,
  directions: TargetDirections<Params, Status, M>,
): TargetKind<Params, Status, M> {
  const make = ({ start, length, ...params }: Placement & Params): TargetInput => ({
    ...(start !== undefined && { start }),
    length,
    type,
    params: (directions.tableParams ?? directions.formatParams)(params as Params),
  });
  return Object.assign(make, { type, ...directions });
}

/** A target without a status says nothing. */
export const noStatus = (): undefined => undefined;
