// Counts of the outcomes of all tables.

/** Counts by type and outcome. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  /** Count one outcome. */
  add(type: string, outcome: string): void {
    const counts = this.#counts.get(type) ?? new Map<string, number>();
    this.#counts.set(type, counts.set(outcome, (counts.get(outcome) ?? 0) + 1));
  }

  /** `accepted 12, EINVAL at load 8`, the most frequent first. */
  of(type: string): string {
    return words(this.#counts.get(type) ?? new Map());
  }

  /** A line for each type, and one for the total. */
  lines(): readonly string[] {
    const all = new Map<string, number>();
    for (const counts of this.#counts.values()) {
      for (const [outcome, count] of counts) all.set(outcome, (all.get(outcome) ?? 0) + count);
    }
    return [
      ...[...this.#counts].map(([type, counts]) => `${type}: ${words(counts)}`),
      `all: ${words(all)}`,
    ];
  }
}

const words = (counts: ReadonlyMap<string, number>): string => {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...counts].sort(([, a], [, b]) => b - a).map(([what, n]) => `${what} ${n}`);
  return [`${total} tables`, ...parts].join(', ');
};
