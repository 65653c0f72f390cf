// Messages to a pool, with a check of the result: the kernel commits its metadata after each message and does not
// report when that fails. Source: pool_message in drivers/md/dm-thin.c.

import type { CallOptions } from '../../dm/device/options.ts';
import {
  type ThinPoolStatus,
  thinPool,
  type WorkingThinPool,
} from '../../dm/targets/provisioning/thin-pool.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { isPoolError, PoolError, type PoolErrorCode } from './errors.ts';
import { type PoolHandle, poolStatus } from './handle.ts';
import { type PoolState, poolHealth, REFUSAL } from './health.ts';

/** A message and its thin device. */
export interface PoolMessage {
  readonly text: string;
  /** The operation, for the error: `'create thin device'`. */
  readonly doing: string;
  readonly id?: number;
  /** The meanings of the kernel's errnos for this message. */
  readonly meanings?: Readonly<Record<string, readonly [code: PoolErrorCode, problem: string]>>;
}

const { messages } = thinPool;

const IS_THERE = [
  'ERR_THIN_EXISTS',
  'a thin device with this id already exists; "dmts thin activate" activates it',
] as const;
const IS_NOT_THERE = ['ERR_THIN_MISSING', 'the pool has no thin device with this id'] as const;

/** The pool's messages, with the meanings of their errnos. */
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
      ENODATA: ['ERR_THIN_MISSING', `the pool has no thin device ${origin}`],
    },
  }),
  delete: (id: number): PoolMessage => ({
    text: messages.delete(id),
    doing: 'delete a thin device',
    id,
    meanings: {
      ENODATA: IS_NOT_THERE,
      EBUSY: ['ERR_THIN_ACTIVE', 'it is active, or in an inactive table'],
    },
  }),
  setTransactionId: (from: bigint | number, to: bigint | number): PoolMessage => ({
    text: messages.setTransactionId(from, to),
    doing: `change the transaction id from ${from} to ${to}`,
    meanings: {
      EINVAL: [
        'ERR_POOL_METADATA',
        `its transaction id is not ${from}: another program changed the pool`,
      ],
    },
  }),
  reserveMetadataSnap: (): PoolMessage => ({
    text: messages.reserveMetadataSnap(),
    doing: 'reserve the metadata snapshot',
    meanings: {
      EBUSY: [
        'ERR_POOL_BUSY',
        'its metadata snapshot is already reserved, by a process that reads it or that died; releaseMetadataSnap, or the message release_metadata_snap, releases it',
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
 * The outcome of a message: `'unsure'` while it is being sent, and finally if the kernel's answer does not say whether it
 * changed anything; `'refused'` if the kernel changed nothing; `'made'` if the kernel made the change.
 */
export type SendOutcome = 'unsure' | 'refused' | 'made';

/** A transaction around a change: the caller's record, and the transaction id that marks it as complete. */
export interface PoolTransaction {
  readonly from: bigint | number;
  readonly to: bigint | number;
  /** Makes the intent durable, before the change. */
  readonly intent?: () => Promise<void>;
  /** Gets the outcome of the message that makes the change. */
  readonly sent?: (outcome: SendOutcome) => void;
  /** Makes the caller's record durable, after the change and before the new transaction id. */
  readonly record?: () => Promise<void>;
}

/**
 * How a change is sent. If it fails after the intent is recorded, the caller must find out the state: the change may or
 * may not be made, and the transaction id may or may not be set.
 */
export interface ChangeOptions extends CallOptions {
  /** Set the transaction id after the change. */
  readonly transaction?: PoolTransaction | undefined;
  /** Create a device even if the free space is below the reserve. @default false */
  readonly useReserve?: boolean;
}

/** Sends one message. @throws PoolError that explains a refusal, DmError */
async function sendMessage(
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

/** Sends the message that makes a change, and reports its outcome to the transaction. */
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

/** The errnos by which the kernel says what it refuses. After another one, the message may have taken effect. */
const REFUSED = ['EEXIST', 'ENODATA', 'EBUSY', 'EINVAL', 'ENXIO', 'ENOTSUP'] as const;

/** Whether the kernel refused the message. */
function isRefusal(error: unknown): boolean {
  const answer = error instanceof PoolError ? error.cause : error;
  return isDmError(answer, ...REFUSED);
}

/**
 * Sets the transaction id, if there is a transaction, and checks that the pool committed everything. One status is enough
 * for both messages: a pool that failed to commit the first one refuses the second.
 * @throws PoolError for a change that the kernel accepted and failed to commit. It is lost when the pool is activated
 * again
 */
export async function commit(
  pool: PoolHandle,
  { doing, id }: PoolMessage,
  { transaction }: ChangeOptions = {},
): Promise<WorkingThinPool> {
  // The change is made, so the rest ignores the signal.
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
    problem: `cannot ${doing}: the kernel accepted it but failed to commit it, and the pool is now ${state}`,
    hint: advice,
  });
}

/** Sends one message, and checks that it is committed. @throws PoolError for a refusal, and as `commit` does */
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
 * Whether an accepted message is committed, by the state of the pool afterwards. A message that used the last metadata
 * block is committed, because the kernel checks for free blocks only after the commit. A failed commit leaves
 * needs_check or a failed pool.
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
      problem: `cannot ${doing}: ${problem}`,
      cause: error,
    });
  }
  if (!isDmError(error, 'ENOTSUP', 'ENXIO', 'EINVAL', 'EIO')) return error;
  // ENOTSUP means that the pool refuses messages, EIO that its metadata fails. The status has the reason.
  const status = await statusOrWhyNot(pool);
  if (status === undefined || isPoolError(status)) return status ?? error;
  const { state, advice } = poolHealth(status);
  if (state === 'ok' || state === 'low' || state === 'out-of-data') return error;
  return new PoolError({
    code: REFUSAL[state],
    pool: pool.name,
    id,
    problem: `cannot ${doing}: the pool is ${state}`,
    hint: advice,
    cause: error,
  });
}

/** The pool's status; the PoolError if the device is not an active pool; `undefined` if the status cannot be read. */
async function statusOrWhyNot(pool: PoolHandle): Promise<ThinPoolStatus | PoolError | undefined> {
  try {
    return await poolStatus(pool);
  } catch (error) {
    return isPoolError(error) ? error : undefined;
  }
}
