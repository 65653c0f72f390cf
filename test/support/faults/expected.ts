// Faults after which an operation succeeds all the same, with the reason. Every other fault must be an error.

import type { Fault } from './faulty-transport.ts';

/** A fault that an operation survives. */
export type Rule = Partial<
  Record<'call' | 'errno' | 'mode' | 'operation', string | readonly string[]>
> & {
  readonly why: string;
  /** The number of the call among the equal calls of the operation, from 0. @default every number */
  readonly number?: number;
  /** The kernel says what is not so, and the operation believes it: the operation need not have its effect. */
  readonly believed?: boolean;
};

/** A field that a rule lacks has any value. The first rule that applies gives the reason. */
export const RULES: readonly Rule[] = [
  {
    errno: 'EINTR',
    mode: 'refused',
    why: 'a signal interrupted the call before it had an effect: it is repeated',
  },
  {
    errno: 'EBUSY',
    call: ['create', 'load', 'remove', 'delete', '@cancel_deferred_remove'],
    mode: 'refused',
    why: 'the device is in use: the call is repeated for up to 20 seconds',
  },
  {
    errno: 'EBUSY',
    call: 'deferred remove',
    mode: 'refused',
    why: 'the kernel removes the device already',
  },
  {
    errno: 'EBUSY',
    call: 'deferred remove',
    mode: 'repeated',
    operation: 'diff by a view of an inactive pool',
    why: 'the kernel removes the device when its last holder closes it, and a notice says so',
  },
  {
    errno: 'EEXIST',
    call: ['create_thin', 'create_snap'],
    mode: 'refused',
    why: 'an unrecorded thin device has the id: another id is taken',
  },
  {
    errno: ['ENXIO', 'ENODATA'],
    mode: 'refused',
    believed: true,
    why: 'the kernel says that the device does not exist: there is nothing to do',
  },
  {
    call: ['resume', 'info'],
    operation: ['createSnap of an active origin', 'create a child of a mounted layer'],
    why: 'the resume of the origin is tried three times',
  },
  {
    call: 'info',
    number: 4,
    operation: 'grow the base device',
    why: 'the call only looks for the name of the device that has the thin id: the base device is active already, and is used',
  },
  {
    errno: 'EBUSY',
    call: 'create',
    number: 2,
    mode: 'repeated',
    operation: 'grow the base device',
    why: 'a program such as udev has kept the base device: it is active already, and is used',
  },
  {
    call: ['set_transaction_id', 'status'],
    why: 'the next status shows that the pool has the transaction id',
  },
  {
    call: 'delete',
    mode: 'lost',
    why: 'the metadata of the pool shows that the thin device is gone',
  },
];

const includes = (wanted: string | readonly string[] | undefined, value: string): boolean =>
  wanted === undefined || [wanted].flat().includes(value);

/** Why an operation may succeed although a call of it failed; `undefined`: it must not. */
export const whyDone = (
  operation: string,
  { call, number, errno, mode }: Fault,
): Rule | undefined =>
  RULES.find(
    (rule) =>
      (rule.number === undefined || rule.number === number) &&
      includes(rule.operation, operation) &&
      includes(rule.call, call) &&
      includes(rule.errno, errno) &&
      includes(rule.mode, mode),
  );
