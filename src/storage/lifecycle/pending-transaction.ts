import type { ThinPoolStatus } from '../../dm/targets/provisioning/thin-pool.ts';
import { poolHealth } from '../../thin/live/health.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import { StorageError } from '../config/errors.ts';
import { BASE, layerNameProblem, layerWords } from '../directory/layout.ts';
import type { LayerRecord, TransactionRecord } from '../directory/records.ts';
import type { StorageContext } from '../layers/context.ts';

/** The pool's transaction id, and the pending transaction of a process that died. */
export interface Comparison {
  readonly id: bigint;
  readonly pending: TransactionRecord | undefined;
  /** The recorded transaction id is this one or the next one. */
  readonly named: boolean;
}

/**
 * Compares the recorded transaction with the pool. It changes nothing, except that it removes the record of a
 * transaction that contradicts an accepted pool.
 * @throws StorageError ERR_STORAGE_POOL when the pool does not match the records, or its status is not the recorded one
 */
export async function compareTransaction(
  { pool, records }: Pick<StorageContext, 'pool' | 'records'>,
  { acceptPool }: { readonly acceptPool: boolean },
): Promise<Comparison> {
  const status = await pool.status();
  if (status.state !== 'working') throw failedPool(pool, status);
  const id = status.transactionId;
  const recorded = await records.readTransaction();
  if (recorded === undefined) return { id, pending: undefined, named: false };
  if (recorded.openId === id) return { id, pending: undefined, named: true };
  if (recorded.openId === id + 1n) {
    refuseContradiction(records, recorded);
    return { id, pending: recorded, named: true };
  }
  if (!acceptPool) throw otherPool(pool, recorded, id);
  await records.removeTransaction();
  return { id, pending: undefined, named: false };
}

function failedPool(pool: ThinPool, status: ThinPoolStatus): StorageError {
  const { state, advice } = poolHealth(status);
  return new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${pool.name}'`,
    problem: `it is ${state}`,
    hint: advice,
  });
}

const otherPool = (pool: ThinPool, { openId }: TransactionRecord, id: bigint): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${pool.name}'`,
    problem: `its transaction id is ${id}, but the recorded one is ${openId} (open_transaction_id in metadata/transaction-metadata)`,
    hint: `${
      id > openId
        ? 'The records are older than the pool'
        : 'The pool is older than the records, or it is another pool'
    }: restore the records and the pool of the same time. To continue with the present ones, accept the pool`,
  });

const recordError = (problem: string, hint: string): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: 'transaction-metadata',
    problem,
    hint: `Nothing was changed. ${hint}`,
  });

/**
 * Refuses to roll back a transaction that contradicts the records of layers: that would delete a layer.
 * @throws StorageError ERR_STORAGE_RECORD
 */
export function refuseContradiction(
  records: Pick<ReadonlyMap<string, LayerRecord>, 'get'> & {
    readonly entries: () => Iterable<readonly [id: string, record: LayerRecord]>;
  },
  { openId, hash, deviceId }: TransactionRecord,
): void {
  const about = `it names thin device ${deviceId} for ${layerWords(hash)}`;
  const own = records.get(hash);
  const problem = hash === BASE ? undefined : layerNameProblem(hash);
  if (problem !== undefined) {
    throw recordError(
      `${about}, which is not a layer id: ${problem}`,
      'Restore the file, or move it away',
    );
  }
  if (hash === BASE && [...records.entries()].some(([id]) => id !== BASE)) {
    throw recordError(
      `${about}, and layers exist`,
      'To keep the base device and every layer, move the file away and open the storage again',
    );
  }
  if (own !== undefined && own.deviceId !== deviceId) {
    throw recordError(
      `${about}, but the record of ${layerWords(hash)} names thin device ${own.deviceId}`,
      'The file or the record belongs to another storage',
    );
  }
  if (own !== undefined && own.transactionId > openId) {
    throw recordError(
      `${about} in transaction ${openId}, but ${layerWords(hash)} was created later, in transaction ${own.transactionId}`,
      'The file or the record belongs to another storage',
    );
  }
  for (const [id, record] of records.entries()) {
    if (id === hash) continue;
    if (record.deviceId === deviceId) {
      throw recordError(
        `${about}, but the record of ${layerWords(id)} names the same thin device`,
        'The file belongs to another storage, or a record is missing',
      );
    }
    if (record.transactionId >= openId) {
      throw recordError(
        `${about} in transaction ${openId}, but ${layerWords(id)} was created in transaction ${record.transactionId}`,
        'The pool or the file is older than the record. To keep every layer that has a record, move the file away and open the storage again',
      );
    }
  }
}
