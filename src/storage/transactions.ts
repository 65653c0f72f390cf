// A change of the pool and the record of it, as one: whatever happens in between, both are there in the end, or neither.
//
// What is about to be done is recorded first, with the pool's transaction id as it will be; then the pool is changed, the
// layer's record written or removed, and the id moved on. After a crash the recorded id and the pool's tell how far it
// came: equal, and it is done; one ahead, and it is taken back. The format is Docker's, so either can take back what the
// other had begun. Source: devmapper/deviceset.go of moby.

import { KeyedLock } from '../dm/keyed-lock.ts';
import type { CallOptions } from '../dm/options.ts';
import type { Bytes } from '../dm/units.ts';
import { attempt } from '../ioctl/attempt.ts';
import { isPoolError } from '../thin/errors.ts';
import type { ThinIds } from '../thin/ids.ts';
import type { PoolTransaction, SendOutcome } from '../thin/messenger.ts';
import type { ThinPool } from '../thin/pool.ts';
import { StorageError } from './errors.ts';
import { layerWords } from './layout.ts';
import type { LayerRecord, TransactionRecord } from './records.ts';
import type { Records } from './records-on-disk.ts';

/** What transactions work on. */
export interface TransactionParts {
  readonly pool: ThinPool;
  readonly records: Records;
  readonly ids: ThinIds;
}

/** What a new layer is to be. */
export interface NewLayer extends CallOptions {
  readonly size: Bytes;
  /** Thin id of the device it is a snapshot of; `undefined` for an empty one. */
  readonly origin: number | undefined;
  /** It does not count yet: after a crash it is deleted. @default false */
  readonly deleted?: boolean;
}

/** How far the creation of a thin device came. */
interface MakeProgress {
  /** Its intent may be recorded. */
  intended: boolean;
  sent: SendOutcome | undefined;
}

/** The transactions of one pool, one after the other. */
export class Transactions {
  readonly #parts: TransactionParts;
  readonly #lock = new KeyedLock();
  #id: bigint;
  /** One that could be neither completed nor taken back: nothing else is begun before it is. */
  #unresolved: TransactionRecord | undefined;
  /** An intent that came to nothing may still be recorded. */
  #withdrawn: TransactionRecord | undefined;

  /** `id`: the pool's transaction id, with nothing under way. */
  constructor(parts: TransactionParts, id: bigint) {
    this.#parts = parts;
    this.#id = id;
  }

  /** The pool's transaction id. */
  get id(): bigint {
    return this.#id;
  }

  /**
   * Make a thin device, and the record of it.
   * @throws PoolError, StorageError. Nothing of it is left then, or it is taken back at the next opportunity
   */
  async make(hash: string, layer: NewLayer): Promise<LayerRecord> {
    const { signal } = layer;
    return this.#lock.run(
      ['pool'],
      async () => {
        await this.#resolve();
        for (;;) {
          try {
            return await this.#tryMake(hash, this.#allocate(hash), layer);
          } catch (error) {
            // A thin device that no record tells of has this id. It keeps it.
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
      problem: 'all 16777216 ids of thin devices are taken',
      hint: 'Remove layers',
    });
  }

  async #tryMake(
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
    const progress: MakeProgress = { intended: false, sent: undefined };
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
      // The base device is made whatever is free, as Docker does.
      if (origin === undefined) await pool.createThin(deviceId, { ...change, useReserve: true });
      else await pool.createSnap(deviceId, origin, change);
    } catch (error) {
      if (!(await this.#isMade(intended, progress, error))) throw error;
    }
    this.#id = intended.openId;
    return record;
  }

  /**
   * Whether it was made all the same, where only the look at the pool that comes last has failed. If not, the create is
   * rolled back. Only a thin device that the pool certainly made for it is deleted: the id may be another program's, or
   * leaked, and then the device with it is not ours.
   */
  async #isMade(
    intended: TransactionRecord,
    { intended: recorded, sent }: MakeProgress,
    error: unknown,
  ): Promise<boolean> {
    if (sent === 'made') {
      await this.#takeBack(intended, error);
      return this.#id === intended.openId;
    }
    if (recorded) await this.#withdraw(intended);
    // An id that a thin device has, or may have, is not tried again.
    const isFree = sent !== 'unsure' && !isPoolError(error, 'ERR_THIN_EXISTS');
    if (isFree) this.#parts.ids.free(intended.deviceId);
    return false;
  }

  /**
   * Remove a recorded intent that came to nothing: now, or before the next change. Left as it is, it would be rolled back at the
   * next start, and what it names deleted. Where the file cannot be changed, the pool's id becomes the recorded one: then the
   * transaction counts as completed, and what it names stays.
   */
  async #withdraw(intended: TransactionRecord): Promise<void> {
    this.#withdrawn = intended;
    await attempt(() => this.#resolve());
    if (this.#withdrawn === undefined) return;
    const { pool } = this.#parts;
    await attempt(() => pool.setTransactionId(this.#id, intended.openId));
    if ((await attempt(() => this.#isCommitted(intended))) !== true) return;
    this.#id = intended.openId;
    this.#withdrawn = undefined;
  }

  /** Whether the pool has the transaction id that is recorded, on disk. */
  async #isCommitted({ openId }: TransactionRecord): Promise<boolean> {
    const status = await this.#parts.pool.status();
    // A pool that could not commit may report the new id all the same.
    const committed = status.state === 'working' && !status.needsCheck && status.mode !== 'ro';
    return committed && status.transactionId === openId;
  }

  /**
   * Delete a layer's thin device, and the record of it.
   * @throws PoolError ERR_THIN_ACTIVE: then the layer is as it was
   */
  async unmake(
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
        const removeRecord = async (): Promise<void> => {
          deleted = true;
          await records.remove(hash);
        };
        const transaction = this.#transaction(intended, removeRecord);
        try {
          await pool.delete(deviceId, { transaction });
        } catch (error) {
          // Left as it is, it would have the layer deleted at the next start.
          if (!deleted && !isPoolError(error, 'ERR_THIN_MISSING')) {
            await this.#withdraw(intended);
            throw error;
          }
          // The device is gone, or never was. If the rest can be done now, the deletion is complete.
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

  async #takeBack(intended: TransactionRecord, cause: unknown): Promise<void> {
    this.#unresolved = intended;
    try {
      await this.#resolve();
    } catch (error) {
      throw new StorageError({
        code: 'ERR_STORAGE_POOL',
        subject: layerWords(intended.hash),
        problem: `${(cause as Error).message}; and what was made of it could not be taken back: ${(error as Error).message}`,
        hint: 'It is taken back before the next change, or when the storage is opened again',
        cause,
      });
    }
  }

  /** Do now what could not be done before: take back, or complete, what was left half done. */
  settle({ signal }: CallOptions = {}): Promise<void> {
    return this.#lock.run(['pool'], () => this.#resolve(), signal);
  }

  /** Take back what was left half done, unless the pool tells that it was done after all. */
  async #resolve(): Promise<void> {
    const { records, ids } = this.#parts;
    if (this.#withdrawn) await records.rollBackTransaction(this.#withdrawn);
    this.#withdrawn = undefined;
    const left = this.#unresolved;
    if (left === undefined) return;
    if (await this.#isCommitted(left)) this.#id = left.openId;
    else await takeBack(this.#parts, left);
    this.#unresolved = undefined;
    if (records.get(left.hash)?.deviceId !== left.deviceId) ids.free(left.deviceId);
  }
}

/**
 * Take back a transaction that was begun: its thin device goes, then its record, then the record that it was under way.
 * Whatever is gone already is fine, so that this can be done again after a crash in the middle of it.
 */
export async function takeBack(
  { pool, records }: Pick<TransactionParts, 'pool' | 'records'>,
  intended: TransactionRecord,
): Promise<void> {
  const { hash, deviceId } = intended;
  try {
    await pool.delete(deviceId);
  } catch (error) {
    if (!isPoolError(error, 'ERR_THIN_MISSING')) throw error;
  }
  await records.remove(hash);
  await records.rollBackTransaction(intended);
}
