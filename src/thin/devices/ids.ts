// Allocates ids for new thin devices: 24 bits, each for one device at a time.

import { checkThinId, THIN_ID_MAX } from '../../dm/targets/provisioning/thin.ts';
import { InputError } from '../../dm/wire/errors.ts';

const COUNT = THIN_ID_MAX + 1;

/**
 * The ids in use. Ids are allocated in order, so that a freed id is not reused soon. An id stays in use until `free` is
 * called: after a deletion that may have failed, do not call it.
 *
 * The object takes two megabytes and stores nothing on disk. After a restart, fill it from the caller's records or from
 * the pool. A missing id is not dangerous: the kernel refuses to create a thin device twice.
 */
export class ThinIds {
  readonly #taken = new Uint8Array(COUNT / 8);
  #next: number;
  #size = 0;

  /**
   * @param taken the ids in use
   * @param next the first id to try
   */
  constructor(taken: Iterable<number> = [], next = 0) {
    if (typeof (taken as Partial<Iterable<number>> | null)?.[Symbol.iterator] !== 'function') {
      throw new InputError({ field: 'taken', expected: 'an iterable of ids', received: taken });
    }
    for (const id of taken) this.take(id);
    this.#next = checkThinId(next);
  }

  /** The number of ids in use. */
  get size(): number {
    return this.#size;
  }

  /** The id that `allocate` returned last. */
  get last(): number {
    return (this.#next + COUNT - 1) % COUNT;
  }

  /** Whether `id` is in use. */
  has(id: number): boolean {
    return ((this.#taken[checkThinId(id) >> 3]! >> (id & 7)) & 1) === 1;
  }

  /** Marks an id as in use. */
  take(id: number): void {
    if (this.has(id)) return;
    this.#taken[id >> 3]! |= 1 << (id & 7);
    this.#size++;
  }

  /** Marks an id as free. The pool must not have a thin device with it. */
  free(id: number): void {
    if (!this.has(id)) return;
    this.#taken[id >> 3]! &= ~(1 << (id & 7));
    this.#size--;
  }

  /** Allocates the next free id; `undefined` if there is none. */
  allocate(): number | undefined {
    if (this.#size === COUNT) return undefined;
    let id = this.#next;
    while (this.has(id)) id = (id + 1) % COUNT;
    this.take(id);
    this.#next = (id + 1) % COUNT;
    return id;
  }
}
