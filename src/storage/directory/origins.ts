// The parents of layers that this process created. Docker's records do not name a layer's parent.

import type { LayerRecord } from './records.ts';

type Creation = Pick<LayerRecord, 'transactionId'>;

interface Origin {
  /** The transaction that created the parent. Transaction ids are never reused; ids of layers and thin devices are. */
  readonly parent: bigint;
  /** A time before the snapshot, in nanoseconds since 1970. */
  readonly time: bigint;
}

const earlier = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** The parents of layers that this process created, by the transactions that created them. */
export class Origins {
  readonly #origins = new Map<bigint, Origin>();

  /** Records that a layer was created as a snapshot of `parent`, after `time`. */
  add({ transactionId }: Creation, parent: Creation, time: bigint): void {
    this.#origins.set(transactionId, { parent: parent.transactionId, time });
  }

  /** Forgets a layer that was removed. */
  forget({ transactionId }: Creation): void {
    this.#origins.delete(transactionId);
  }

  /** A layer and its ancestors, each with the time of the earliest snapshot between it and the layer. */
  #lineage({ transactionId }: Creation): ReadonlyMap<bigint, bigint | undefined> {
    const lineage = new Map<bigint, bigint | undefined>([[transactionId, undefined]]);
    let time: bigint | undefined;
    for (let at = this.#origins.get(transactionId); at; at = this.#origins.get(at.parent)) {
      time = earlier(time, at.time);
      lineage.set(at.parent, time);
    }
    return lineage;
  }

  /**
   * A time before two layers diverged from their common ancestor; `undefined` if it is not known. A file that did not
   * change since is the same in both.
   */
  snapshotTime(one: Creation, other: Creation): bigint | undefined {
    const others = this.#lineage(other);
    for (const [transactionId, time] of this.#lineage(one)) {
      if (others.has(transactionId)) return earlier(time, others.get(transactionId));
    }
    return undefined;
  }
}
