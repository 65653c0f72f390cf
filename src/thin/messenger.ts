// Messages to a pool, believed only after a look at what became of it: the kernel commits its metadata after each one
// and does not say when that failed. Source: pool_message in drivers/md/dm-thin.c.

import { isDmError } from '../dm/errors.ts';
import type { CallOptions } from '../dm/options.ts';
import { type ThinPoolStatus, thinPool, type WorkingThinPool } from '../dm/targets/thin-pool.ts';
import { isPoolError, PoolError, type PoolErrorCode } from './errors.ts';
import { type PoolHandle, poolStatus } from './handle.ts';
import { type PoolState, poolHealth, REFUSAL } from './health.ts';

/** A message, and which thin device it is about. */
export interface PoolMessage {
  readonly text: string;
  /** What is being done, for the error: `'create thin device'`. */
  readonly doing: string;
  readonly id?: number;
  /** What the kernel's errnos mean for this message. */
  readonly meanings?: Readonly<Record<string, readonly [code: PoolErrorCode, problem: string]>>;
}

const { messages } = thinPool;

const IS_THERE = [
  'ERR_THIN_EXISTS',
  'there is one with this id already; "dmts thin activate" activates it',
] as const;
const IS_NOT_THERE = ['ERR_THIN_MISSING', 'the pool has none with this id'] as const;

/** The pool's messages, and what its refusals mean. */
export const poolMessages = {
  createThin: (id: number): PoolMessage => ({
    text: messages.createThin(id),
    doing: 'create a thin device',
    id,
    meanings: { EEXIST: IS_THERE },
  }),
  createSnap: (id: number, origin: number): PoolMessage => ({
    text: messages.createSnap(id, origin),
    doing: `create a snapshot of thin id ${origin}`,
    id,
    meanings: {
      EEXIST: IS_THERE,
      ENODATA: ['ERR_THIN_MISSING', `the pool has no thin device ${origin} to take a snapshot of`],
    },
  }),
  delete: (id: number): PoolMessage => ({
    text: messages.delete(id),
    doing: 'delete a thin device',
    id,
    meanings: {
      ENODATA: IS_NOT_THERE,
      EBUSY: ['ERR_THIN_ACTIVE', 'it is active, or in a table that waits to be resumed'],
    },
  }),
  setTransactionId: (from: bigint | number, to: bigint | number): PoolMessage => ({
    text: messages.setTransactionId(from, to),
    doing: `change the transaction id from ${from} to ${to}`,
    meanings: {
      EINVAL: [
        'ERR_POOL_METADATA',
        `its transaction id is not ${from}: somebody else has changed the pool`,
      ],
    },
  }),
  reserveMetadataSnap: (): PoolMessage => ({
    text: messages.reserveMetadataSnap(),
    doing: 'reserve the metadata snapshot',
    meanings: {
      EBUSY: [
        'ERR_POOL_BUSY',
        'its metadata snapshot is reserved already, by somebody who reads it or who died; releaseMetadataSnap, or the message release_metadata_snap, lets go of it',
      ],
    },
  }),
  releaseMetadataSnap: (): PoolMessage => ({
    text: messages.releaseMetadataSnap(),
    doing: 'release the metadata snapshot',
    meanings: { EINVAL: ['ERR_POOL_NOT_ACTIVE', 'no metadata snapshot is reserved'] },
  }),
} as const;

/**
 * What became of a message: `'unsure'` while it is on its way, and for good when it was interrupted; `'refused'` when the
 * kernel did nothing; `'made'` when it made the change.
 */
export type SendOutcome = 'unsure' | 'refused' | 'made';

/** What counts only together with a change: a record of the caller's, and the transaction id that tells it is there. */
export interface PoolTransaction {
  readonly from: bigint | number;
  readonly to: bigint | number;
  /** Makes it durable what is about to be done: before the change. */
  readonly intent?: () => Promise<void>;
  /** Hears what became of the message that makes the change, as far as it came. */
  readonly sent?: (outcome: SendOutcome) => void;
  /** Makes the caller's own record durable: after the change, before the id. */
  readonly record?: () => Promise<void>;
}

/**
 * How a change is sent. If it fails once the intent is recorded, the caller finds out what there is: the change may have
 * been made, the id moved on or not.
 */
export interface ChangeOptions extends CallOptions {
  /** Move the transaction id on, once the change is made. */
  readonly transaction?: PoolTransaction | undefined;
  /** Make something new even where that touches the pool's reserve. @default false */
  readonly useReserve?: boolean;
}

/** Send one message, and say what a refusal means. */
export async function sendMessage(
  pool: PoolHandle,
  message: PoolMessage,
  { signal }: CallOptions = {},
): Promise<void> {
  try {
    await pool.dm.message(pool.name, message.text, { signal });
  } catch (error) {
    throw await explain(pool, message, error);
  }
}

/** Send the message that makes a change, and let its transaction hear what became of it. */
export async function sendChange(
  pool: PoolHandle,
  message: PoolMessage,
  { transaction, signal }: ChangeOptions,
): Promise<void> {
  transaction?.sent?.('unsure');
  try {
    await sendMessage(pool, message, { signal });
  } catch (error) {
    if (isRefusal(error)) transaction?.sent?.('refused');
    throw error;
  }
  transaction?.sent?.('made');
}

/** The kernel answered the message with an errno. An interrupted one may have been carried out. */
function isRefusal(error: unknown): boolean {
  const answer = error instanceof PoolError ? error.cause : error;
  return isDmError(answer) && !isDmError(answer, 'EINTR');
}

/**
 * Move the transaction id on, if there is a transaction, and make sure that the pool has committed everything. One look
 * is enough for both messages: a pool that could not commit the first takes no second.
 * @throws PoolError for what the kernel accepted and could not commit. It does not count as done: nothing is left of it
 * once the pool is activated again
 */
export async function commit(
  pool: PoolHandle,
  { doing, id }: PoolMessage,
  { transaction }: ChangeOptions = {},
): Promise<WorkingThinPool> {
  // Not to be aborted from here on: the change is made.
  if (transaction !== undefined) {
    const { from, to, record } = transaction;
    await record?.();
    await sendMessage(pool, poolMessages.setTransactionId(from, to));
  }
  const status = await poolStatus(pool);
  const { state, advice } = poolHealth(status);
  if (isCommitted(state)) return status as WorkingThinPool;
  throw new PoolError({
    code: REFUSAL[state],
    pool: pool.name,
    id,
    problem: `could not ${doing}: the kernel accepted it, but did not get it onto disk, and the pool is ${state} now`,
    hint: advice,
  });
}

/** Send one message, and make sure that it is committed. @throws PoolError for what was refused, and as `commit` */
export async function sendVerified(
  pool: PoolHandle,
  message: PoolMessage,
  options: ChangeOptions = {},
): Promise<WorkingThinPool> {
  await options.transaction?.intent?.();
  await sendChange(pool, message, options);
  return commit(pool, message, options);
}

/**
 * Whether a message that was accepted is on disk, by the state of the pool afterwards. One that used the last metadata
 * block is: the kernel looks for free blocks only once it has committed. A commit that failed leaves needs_check behind,
 * or a pool that has failed.
 */
const isCommitted = (
  state: PoolState,
): state is Exclude<PoolState, 'needs-check' | 'failed' | 'read-only'> =>
  state !== 'needs-check' && state !== 'failed' && state !== 'read-only';

async function explain(pool: PoolHandle, message: PoolMessage, error: unknown): Promise<unknown> {
  if (!isDmError(error)) return error;
  const { doing, id, meanings = {} } = message;
  const meaning = meanings[error.code];
  if (meaning !== undefined) {
    const [code, problem] = meaning;
    return new PoolError({
      code,
      pool: pool.name,
      id,
      problem: `could not ${doing}: ${problem}`,
      cause: error,
    });
  }
  if (!isDmError(error, 'ENOTSUP', 'ENXIO', 'EINVAL')) return error;
  // ENOTSUP tells that the pool takes no messages. Only its status tells why.
  const status = await statusOrWhyNot(pool);
  if (status === undefined || isPoolError(status)) return status ?? error;
  const { state, advice } = poolHealth(status);
  if (state === 'ok' || state === 'low' || state === 'out-of-data') return error;
  return new PoolError({
    code: REFUSAL[state],
    pool: pool.name,
    id,
    problem: `could not ${doing}: the pool is ${state}`,
    hint: advice,
    cause: error,
  });
}

/** The pool's status; the error where it is no live pool; `undefined` where its status cannot be read. */
async function statusOrWhyNot(pool: PoolHandle): Promise<ThinPoolStatus | PoolError | undefined> {
  try {
    return await poolStatus(pool);
  } catch (error) {
    return isPoolError(error) ? error : undefined;
  }
}
