// Things to let go of, last first: what AsyncDisposableStack does, which Node 20 does not have.

/** A list of things to let go of. */
export class Cleanups {
  readonly #tasks: (() => Promise<void>)[] = [];

  /** Let go of `value` in the end. */
  use<T extends AsyncDisposable>(value: T): T {
    this.defer(async () => value[Symbol.asyncDispose]());
    return value;
  }

  /** Run `task` in the end. */
  defer(task: () => Promise<void>): void {
    this.#tasks.push(task);
  }

  /** Let go of everything, whatever fails. @throws the first failure */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const task of this.#tasks.splice(0).reverse()) {
      await task().catch((error) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
