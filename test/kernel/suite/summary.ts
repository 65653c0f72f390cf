// The last line of a guest's tests: what came of them.

/** How many tests came to what on one kernel, and how many devices, mounts and so on they left. */
export interface Summary {
  /** `uname -r`. */
  readonly kernel: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly left: number;
}

/** `Linux 6.1.176: 12 passed, 0 failed, 0 skipped, 0 left behind` */
export const formatSummary = ({ kernel, passed, failed, skipped, left }: Summary): string =>
  `Linux ${kernel}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${left} left behind`;

const LINE = /^Linux (\S+): (\d+) passed, (\d+) failed, (\d+) skipped, (\d+) left behind$/;

/** The summary on the last line of an output; undefined where that line is another. */
export function parseSummary(output: string): Summary | undefined {
  const match = LINE.exec(output.trimEnd().split('\n').at(-1) ?? '');
  if (!match) return undefined;
  const [passed = 0, failed = 0, skipped = 0, left = 0] = match.slice(2).map(Number);
  return { kernel: match[1]!, passed, failed, skipped, left };
}
