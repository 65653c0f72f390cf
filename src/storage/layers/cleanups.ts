// Cleanup tasks, run last first: a replacement for AsyncDisposableStack, which Node 20 lacks.

/** A list of cleanup tasks. */
export class Cleanups {
  readonly #tasks: (() => Promise<void>)[] = [];

  /** Disposes of `value` at cleanup. @returns `value` */
  use<T extends AsyncDisposable>(value: T): T {
    this.defer(async () => value[Symbol.asyncDispose]());
    return value;
  }

  /** Runs `task` at cleanup. */
  defer(task: () => Promise<void>): void {
    this.#tasks.push(task);
  }

  /** Runs all tasks, even if some fail. @throws the first failure */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const task of this.#tasks.splice(0).reverse()) {
      await task().catch((error) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
