// How the pool and the records fit together.

import { poolHealth } from '../../thin/live/health.ts';
import { whyNoPool } from '../../thin/pool/activation.ts';
import { isStorageError, StorageError } from '../config/errors.ts';
import { BASE, layerWords } from '../directory/layout.ts';
import { refuseContradiction } from '../lifecycle/pending-transaction.ts';
import type { PoolFacts, StorageFacts } from './facts.ts';
import { finding, type StorageFinding } from './finding.ts';

const wordsOf = ({ name }: PoolFacts): string => `thin pool '${name}'`;

/** The state of the pool itself. */
export function poolFindings(facts: StorageFacts): readonly StorageFinding[] {
  const { pool, layers, damage } = facts;
  if (pool instanceof StorageError) {
    // A directory without records may be a new one.
    if (layers.size === 0 && facts.transaction === undefined) return [];
    return [finding('pool-missing', pool.subject, pool.problem, pool.hint)];
  }
  return [
    ...contentFindings(pool, layers.size > 0),
    ...stateFindings(pool),
    ...suspensionFindings(pool),
    ...(damage === undefined
      ? []
      : [
          finding(
            'metadata-damaged',
            wordsOf(pool),
            `thin_check finds errors in its metadata: ${damage}`,
          ),
        ]),
  ];
}

/** The metadata of an inactive pool. */
function contentFindings(pool: PoolFacts, used: boolean): readonly StorageFinding[] {
  const { content } = pool;
  if (content === undefined) return [];
  if (content.state === 'pool') {
    if (content.superblock.dataBlocks > 0n) return [];
    const problem = 'its creation was interrupted: its metadata describes no data';
    return [finding(used ? 'pool-missing' : 'pool-incomplete', wordsOf(pool), problem)];
  }
  if (content.state === 'unformatted' && !used) {
    return [finding('pool-incomplete', wordsOf(pool), 'its metadata is blank')];
  }
  return [finding('pool-missing', wordsOf(pool), whyNoPool('its metadata device', content))];
}

function stateFindings(pool: PoolFacts): readonly StorageFinding[] {
  if (pool.status === undefined) return [];
  const { state, advice } = poolHealth(pool.status);
  if (state === 'ok' || state === 'low') return [];
  return [finding('pool-state', wordsOf(pool), `it is ${state}`, advice)];
}

function suspensionFindings(pool: PoolFacts): readonly StorageFinding[] {
  const { info, external } = pool;
  if (info === undefined || (!info.suspended && !info.inactive)) return [];
  const state = [info.suspended && 'is suspended', info.inactive && 'has an inactive table'];
  const problem = `it ${state.filter(Boolean).join(' and ')}`;
  return [finding(external ? 'pool-suspended-external' : 'pool-suspended', wordsOf(pool), problem)];
}

/** The recorded transaction, compared with the pool's. */
export function transactionFindings({
  pool,
  layers,
  transaction,
}: StorageFacts): readonly StorageFinding[] {
  if (pool instanceof StorageError || pool.status?.state !== 'working') return [];
  const { transactionId: id } = pool.status;
  if (transaction === undefined || transaction.openId === id) return [];
  const { openId, hash, deviceId } = transaction;
  if (openId !== id + 1n) {
    const problem = `its transaction id is ${id}, but the recorded one is ${openId}`;
    return [finding('transaction-mismatch', wordsOf(pool), problem)];
  }
  try {
    refuseContradiction(layers, transaction);
  } catch (error) {
    if (!isStorageError(error, 'ERR_STORAGE_RECORD')) throw error;
    return [finding('transaction-contradiction', `metadata/${error.subject}`, error.problem)];
  }
  const problem = `transaction ${openId} is not complete: a process died while it created or deleted ${layerWords(hash)}, thin device ${deviceId}`;
  return [finding('transaction-pending', wordsOf(pool), problem)];
}

/** The filesystem of the base device. */
export function baseFilesystemFindings({
  base,
  deviceSet,
}: StorageFacts): readonly StorageFinding[] {
  if (base === undefined) return [];
  const words = layerWords(BASE);
  const { header } = base;
  if (header === undefined) {
    return [finding('base-filesystem', words, 'its thin device has no ext4 or xfs filesystem')];
  }
  const { baseUuid = '' } = deviceSet ?? {};
  if (baseUuid === '' || baseUuid === header.uuid) return [];
  const problem = `its filesystem has UUID ${header.uuid}, but the recorded one is ${baseUuid}`;
  return [finding('base-filesystem', words, problem)];
}
