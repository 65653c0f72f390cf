// Counts occurrences of numbers up to two: two bits for each number, so that a pool of a petabyte fits into memory.

const PER_BYTE = 4;

/** How often each of the numbers 0 to `length - 1` has occurred: never, once, or more often. */
export class Counts {
  readonly #bits: Uint8Array;
  readonly length: number;

  constructor(length: number) {
    this.length = length;
    this.#bits = new Uint8Array(Math.ceil(length / PER_BYTE));
  }

  /** Counts one occurrence. */
  add(number: number): void {
    if (this.of(number) < 2) this.#bits[Math.floor(number / PER_BYTE)]! += 1 << shift(number);
  }

  /** 0, 1, or 2 for more than one. */
  of(number: number): number {
    return (this.#bits[Math.floor(number / PER_BYTE)]! >> shift(number)) & 3;
  }
}

const shift = (number: number): number => 2 * (number % PER_BYTE);
