// The statistics of measurements.

/** The middle value; the larger of the two middle ones if their number is even. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value below which the part `at` of the values lies. @throws RangeError without values */
export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))];
  if (found === undefined) throw new RangeError('invalid values: expected at least one, got none');
  return found;
}

/** The ratio of figures that were measured in turn: the median of the ratios of the rounds. */
export function ratioOf(rounds: readonly number[], to: readonly number[]): number {
  if (rounds.length !== to.length) {
    throw new RangeError(`invalid rounds: expected ${to.length}, got ${rounds.length}`);
  }
  return median(rounds.map((value, round) => value / to[round]!));
}
