// Ids for new thin devices: 24 bits, each given out to one device at a time.

import { InputError } from '../dm/errors.ts';
import { checkThinId, THIN_ID_MAX } from '../dm/targets/thin-id.ts';

const COUNT = THIN_ID_MAX + 1;

/**
 * Which ids are taken. An id is handed out after the one before it was, so one that was freed is not used again
 * soon; one whose deletion did not succeed for certain stays taken, because only `free` gives it back.
 *
 * It holds two megabytes and nothing on disk: after a restart fill it from your records, or from the pool itself. An id
 * that is missing from it all the same is no danger: the kernel refuses to create a thin device twice.
 */
export class ThinIds {
  readonly #taken = new Uint8Array(COUNT / 8);
  #next: number;
  #size = 0;

  /** `taken`: the ids that are in use. `next`: where to look first. */
  constructor(taken: Iterable<number> = [], next = 0) {
    if (typeof (taken as Partial<Iterable<number>> | null)?.[Symbol.iterator] !== 'function') {
      throw new InputError({ field: 'taken', expected: 'an iterable of ids', received: taken });
    }
    for (const id of taken) this.take(id);
    this.#next = checkThinId(next);
  }

  /** How many are taken. */
  get size(): number {
    return this.#size;
  }

  /** The one before the next that is looked at: what `allocate` gave last. */
  get last(): number {
    return (this.#next + COUNT - 1) % COUNT;
  }

  /** Whether `id` is taken. */
  has(id: number): boolean {
    return ((this.#taken[checkThinId(id) >> 3]! >> (id & 7)) & 1) === 1;
  }

  /** Mark an id as taken. */
  take(id: number): void {
    if (this.has(id)) return;
    this.#taken[id >> 3]! |= 1 << (id & 7);
    this.#size++;
  }

  /** Give an id back, once nothing in the pool has it for certain. */
  free(id: number): void {
    if (!this.has(id)) return;
    this.#taken[id >> 3]! &= ~(1 << (id & 7));
    this.#size--;
  }

  /** Take the next free id; `undefined` when there is none. */
  allocate(): number | undefined {
    if (this.#size === COUNT) return undefined;
    let id = this.#next;
    while (this.has(id)) id = (id + 1) % COUNT;
    this.take(id);
    this.#next = (id + 1) % COUNT;
    return id;
  }
}
