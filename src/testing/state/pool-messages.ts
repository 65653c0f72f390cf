// The messages of a pool. Source: pool_message in drivers/md/dm-thin.c, dm-thin-metadata.c.

import { kstrtoull, thinId } from './kernel-words.ts';
import type { Pool } from './pool.ts';
import { demand, Refused } from './refused.ts';

type Handler = (pool: Pool, args: readonly string[]) => void;

function number(word: string): bigint {
  const value = kstrtoull(word);
  if (value === undefined) throw new Refused('EINVAL', `unrecognised id ${word}`);
  return value;
}

/** Each message: the number of words after it, and its handler. */
const MESSAGES: Readonly<Record<string, readonly [words: number, does: Handler]>> = {
  create_thin: [
    1,
    ({ metadata: { thins } }, [word]) => {
      const id = thinId(word!);
      demand(!thins.has(id), `thin device ${id} exists`, 'EEXIST');
      thins.set(id, { mappedSectors: 0n, highestSector: undefined });
    },
  ],
  create_snap: [
    2,
    ({ metadata: { thins } }, [word, originWord]) => {
      const id = thinId(word!);
      const origin = thins.get(thinId(originWord!));
      demand(!thins.has(id), `thin device ${id} exists`, 'EEXIST');
      if (origin === undefined) throw new Refused('ENODATA', `no thin device ${originWord}`);
      thins.set(id, origin);
    },
  ],
  delete: [
    1,
    ({ metadata: { thins }, thins: active }, [word]) => {
      const id = thinId(word!);
      demand(thins.has(id), `no thin device ${id}`, 'ENODATA');
      demand(![...active].some((thin) => thin.id === id), `${id} is active`, 'EBUSY');
      thins.delete(id);
    },
  ],
  set_transaction_id: [
    2,
    ({ metadata }, [from, to]) => {
      const [old, next] = [number(from!), number(to!)];
      demand(metadata.transactionId === old, 'mismatched transaction id');
      metadata.transactionId = next;
    },
  ],
  reserve_metadata_snap: [
    0,
    ({ metadata }) => {
      demand(!metadata.heldRoot, 'pool metadata snapshot already exists', 'EBUSY');
      metadata.heldRoot = true;
    },
  ],
  release_metadata_snap: [
    0,
    ({ metadata }) => {
      demand(metadata.heldRoot, 'no pool metadata snapshot found');
      metadata.heldRoot = false;
    },
  ],
};

/** `pool_message` @throws Refused */
export function poolMessage(pool: Pool, [verb = '', ...args]: readonly string[]): undefined {
  const writable = pool.mode === 'rw' || pool.mode === 'out_of_data_space';
  demand(writable, 'unable to service messages in READ_ONLY or FAIL mode', 'EOPNOTSUPP');
  const name = verb.toLowerCase();
  const message = Object.hasOwn(MESSAGES, name) ? MESSAGES[name] : undefined;
  if (message === undefined) throw new Refused('EINVAL', `unrecognised message ${verb}`);
  const [words, does] = message;
  demand(args.length === words, 'wrong number of arguments');
  does(pool, args);
}
