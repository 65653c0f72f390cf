// Transactions: a change of the pool and its record, both or neither.
//
// A transaction first writes its intent, with the pool's next transaction id. Then it changes the pool, writes or
// removes the layer's record, and sets the new transaction id. After a crash, the id of the intent is compared with the
// pool's: equal, the transaction is complete; one ahead, it is rolled back. The format is Docker's, so Docker and this
// library can roll back each other's transactions. Source: devmapper/deviceset.go of moby.

import { isDeepStrictEqual } from 'node:util';
import { KeyedLock } from '../../dm/device/keyed-lock.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import type { Bytes } from '../../dm/text/units.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import type { ThinIds } from '../../thin/devices/ids.ts';
import { isPoolError } from '../../thin/live/errors.ts';
import type { PoolTransaction, SendOutcome } from '../../thin/live/messenger.ts';
import type { ThinCensus } from '../../thin/metadata/device-details.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import { StorageError } from '../config/errors.ts';
import { layerWords } from './layout.ts';
import type { LayerRecord, TransactionRecord } from './records.ts';
import type { Records } from './records-on-disk.ts';
import { isProven, rollBack } from './roll-back.ts';

/** The pool, records and ids of the transactions. */
export interface TransactionParts {
  readonly pool: ThinPool;
  readonly records: Records;
  readonly ids: ThinIds;
}

/** A layer to create. */
export interface NewLayer extends CallOptions {
  readonly size: Bytes;
  /** Thin id of the origin; `undefined` for an empty thin device. */
  readonly origin: number | undefined;
  /** The layer is not complete yet: after a crash it is deleted. @default false */
  readonly deleted?: boolean;
}

/** How far the creation of a thin device got. */
interface CreateProgress {
  /** The intent may be written. */
  intended: boolean;
  sent: SendOutcome | undefined;
}

/** The transactions of one pool. They run one at a time. */
export class Transactions {
  readonly #parts: TransactionParts;
  readonly #lock = new KeyedLock();
  #id: bigint;
  /** A transaction that could be neither completed nor rolled back. It is resolved before another one begins. */
  #unresolved: TransactionRecord | undefined;
  /** A transaction that changed nothing, and whose intent may still be written. */
  #withdrawn: TransactionRecord | undefined;

  /** @param id the pool's transaction id while no transaction is pending */
  constructor(parts: TransactionParts, id: bigint) {
    this.#parts = parts;
    this.#id = id;
  }

  /** The pool's transaction id. */
  get id(): bigint {
    return this.#id;
  }

  /**
   * Creates a thin device and its record.
   * @throws PoolError, StorageError. The create is rolled back, at once or before the next change
   */
  async create(hash: string, layer: NewLayer): Promise<LayerRecord> {
    const { signal } = layer;
    return this.#lock.run(
      ['pool'],
      async () => {
        await this.#resolve();
        for (;;) {
          try {
            return await this.#tryCreate(hash, this.#allocate(hash), layer);
          } catch (error) {
            // An unrecorded thin device has this id. Leave it alone and try the next id.
            if (!isPoolError(error, 'ERR_THIN_EXISTS')) throw error;
          }
        }
      },
      signal,
    );
  }

  #allocate(hash: string): number {
    const deviceId = this.#parts.ids.allocate();
    if (deviceId !== undefined) return deviceId;
    throw new StorageError({
      code: 'ERR_STORAGE_POOL',
      subject: layerWords(hash),
      problem: 'all 16777216 thin ids are in use',
      hint: 'Remove layers',
    });
  }

  async #tryCreate(
    hash: string,
    deviceId: number,
    { size, origin, deleted = false, signal }: NewLayer,
  ): Promise<LayerRecord> {
    const { pool, records } = this.#parts;
    const intended = { openId: this.#id + 1n, hash, deviceId };
    const record: LayerRecord = {
      deviceId,
      size,
      transactionId: intended.openId,
      initialized: false,
      deleted,
    };
    const progress: CreateProgress = { intended: false, sent: undefined };
    const transaction = this.#transaction(intended, () => records.write(hash, record));
    const change = {
      transaction: {
        ...transaction,
        intent: (): Promise<void> => {
          progress.intended = true;
          return transaction.intent();
        },
        sent: (outcome: SendOutcome): void => {
          progress.sent = outcome;
        },
      },
      signal,
    };
    try {
      // Docker does not check the free space for the base device.
      if (origin === undefined) await pool.createThin(deviceId, { ...change, useReserve: true });
      else await pool.createSnap(deviceId, origin, change);
    } catch (error) {
      if (!(await this.#isCreated(intended, progress, error))) throw error;
    }
    this.#id = intended.openId;
    return record;
  }

  /**
   * Whether the create succeeded and only the final status of the pool failed. If not, the create is rolled back. A
   * thin device is deleted only if the pool certainly created it in this transaction: otherwise the id may belong to an
   * unrecorded thin device.
   */
  async #isCreated(
    intended: TransactionRecord,
    { intended: recorded, sent }: CreateProgress,
    error: unknown,
  ): Promise<boolean> {
    const census = sent === 'unsure' ? await this.#census() : undefined;
    const isFound = census?.has(intended.deviceId);
    if (sent === 'made' || (isFound && isProven(intended, undefined, census))) {
      await this.#rollBack(intended, error);
      return this.#id === intended.openId;
    }
    if (recorded) await this.#withdraw(intended);
    // Do not try an id again that a thin device has or may have.
    const isFree = sent === 'unsure' ? isFound === false : !isPoolError(error, 'ERR_THIN_EXISTS');
    if (isFree) this.#parts.ids.free(intended.deviceId);
    return false;
  }

  /** The thin devices of the pool, after a message whose answer does not say whether it took effect. */
  #census(): Promise<ThinCensus | undefined> {
    return attempt(() => this.#parts.pool.thinDetails());
  }

  /**
   * Removes the intent of a transaction that changed nothing, now or before the next change. Otherwise the next open
   * would roll it back and delete its thin device. If the file has the intent and cannot be changed, sets the pool's
   * transaction id to that of the intent: then the transaction counts as complete, and its thin device stays.
   */
  async #withdraw(intended: TransactionRecord): Promise<void> {
    this.#withdrawn = intended;
    await attempt(() => this.#resolve());
    if (this.#withdrawn === undefined) return;
    const { pool, records } = this.#parts;
    const recorded = await attempt(() => records.readTransaction());
    // The id of an intent that was never written would not be the recorded one.
    if (!isDeepStrictEqual(recorded, intended)) return;
    await attempt(() => pool.setTransactionId(this.#id, intended.openId));
    if ((await attempt(() => this.#isCommitted(intended))) !== true) return;
    this.#id = intended.openId;
    this.#withdrawn = undefined;
  }

  /** Whether the pool has committed the transaction id of the intent. */
  async #isCommitted({ openId }: TransactionRecord): Promise<boolean> {
    return (await this.#committedId()) === openId;
  }

  /**
   * The transaction id of the pool; `undefined` if the pool fails to commit. The kernel accepts a message whose commit
   * fails, and may still report the new id.
   */
  async #committedId(): Promise<bigint | undefined> {
    const status = await this.#parts.pool.status();
    if (status.state !== 'working' || status.needsCheck || status.mode === 'ro') return undefined;
    return status.transactionId;
  }

  /**
   * Deletes a layer's thin device and its record.
   * @throws PoolError ERR_THIN_ACTIVE; the layer is unchanged
   */
  async delete(
    hash: string,
    { deviceId }: LayerRecord,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const { pool, records, ids } = this.#parts;
    await this.#lock.run(
      ['pool'],
      async () => {
        await this.#resolve();
        const intended = { openId: this.#id + 1n, hash, deviceId };
        let deleted = false;
        let outcome: SendOutcome | undefined;
        const removeRecord = async (): Promise<void> => {
          deleted = true;
          // Without the record nothing proves that a thin device whose deletion is not committed is the layer's.
          if ((await this.#committedId()) !== undefined) await records.remove(hash);
        };
        const transaction = {
          ...this.#transaction(intended, removeRecord),
          sent: (sent: SendOutcome): void => {
            outcome = sent;
          },
        };
        try {
          await pool.deleteThin(deviceId, { transaction });
        } catch (error) {
          const census = outcome === 'unsure' ? await this.#census() : undefined;
          const isGone = isPoolError(error, 'ERR_THIN_MISSING') || census?.has(deviceId) === false;
          // The intent would have the layer deleted at the next open.
          if (!deleted && !isGone) {
            await this.#withdraw(intended);
            throw error;
          }
          // The thin device does not exist any more. If the rest succeeds now, the deletion is complete.
          this.#unresolved = intended;
          await attempt(() => this.#resolve());
          if (this.#unresolved !== undefined) throw error;
          return;
        }
        this.#id = intended.openId;
        ids.free(deviceId);
      },
      signal,
    );
  }

  #transaction(intended: TransactionRecord, record: () => Promise<void>) {
    const { records } = this.#parts;
    return {
      from: this.#id,
      to: intended.openId,
      intent: () => records.writeTransaction(intended),
      record,
    } satisfies PoolTransaction;
  }

  async #rollBack(intended: TransactionRecord, cause: unknown): Promise<void> {
    this.#unresolved = intended;
    try {
      await this.#resolve();
    } catch (error) {
      throw new StorageError({
        code: 'ERR_STORAGE_POOL',
        subject: layerWords(intended.hash),
        problem: `${(cause as Error).message}; cannot roll back the create: ${(error as Error).message}`,
        hint: 'It is rolled back before the next change, or when the storage is opened again',
        cause,
      });
    }
  }

  /** Rolls back or completes a transaction that could not be resolved before. */
  settle({ signal }: CallOptions = {}): Promise<void> {
    return this.#lock.run(['pool'], () => this.#resolve(), signal);
  }

  /** Rolls back the unresolved transaction, or completes it if the pool has committed it. */
  async #resolve(): Promise<void> {
    const { records, ids } = this.#parts;
    if (this.#withdrawn) await records.rollBackTransaction(this.#withdrawn);
    this.#withdrawn = undefined;
    const left = this.#unresolved;
    if (left === undefined) return;
    if (await this.#isCommitted(left)) this.#id = left.openId;
    else await rollBack(this.#parts, left);
    this.#unresolved = undefined;
    if (records.get(left.hash)?.deviceId !== left.deviceId) ids.free(left.deviceId);
  }
}
