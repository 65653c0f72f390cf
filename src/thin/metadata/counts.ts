// Counts occurrences of numbers up to two: two bits for each number, in pages that exist where a number has occurred. The kernel
// allocates data blocks densely, so the memory follows the blocks in use, and not the size that a superblock claims.

const PER_BYTE = 4;
const PAGE = 2048;

/** How often each number has occurred: never, once, or more often. */
export class Counts {
  readonly #pages = new Map<number, Uint8Array>();

  /** Counts one occurrence of a number from 0 to `Number.MAX_SAFE_INTEGER`. */
  add(number: number): void {
    if (this.of(number) === 2) return;
    const index = Math.floor(number / PAGE);
    let page = this.#pages.get(index);
    if (page === undefined) {
      page = new Uint8Array(PAGE / PER_BYTE);
      this.#pages.set(index, page);
    }
    page[Math.floor((number % PAGE) / PER_BYTE)]! += 1 << shift(number);
  }

  /** 0, 1, or 2 for more than one. */
  of(number: number): number {
    const page = this.#pages.get(Math.floor(number / PAGE));
    if (page === undefined) return 0;
    return (page[Math.floor((number % PAGE) / PER_BYTE)]! >> shift(number)) & 3;
  }
}

const shift = (number: number): number => 2 * (number % PER_BYTE);
