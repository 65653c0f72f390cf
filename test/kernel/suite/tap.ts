// Counts the results in a TAP stream.

/** Numbers of tests by result. */
export interface TapCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const emptyCounts: TapCounts = { passed: 0, failed: 0, skipped: 0 };

/** The counts after one more line. A skipped or todo test counts as skipped. */
export function countTap(counts: TapCounts, line: string): TapCounts {
  if (/^(not )?ok .* # (SKIP|TODO)\b/i.test(line))
    return { ...counts, skipped: counts.skipped + 1 };
  if (/^ok \d/.test(line)) return { ...counts, passed: counts.passed + 1 };
  if (/^not ok \d/.test(line)) return { ...counts, failed: counts.failed + 1 };
  return counts;
}
