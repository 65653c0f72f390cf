// The last line of a guest's tests: the summary.

/** Numbers of test results on one kernel, and of devices, mounts and other objects left behind. */
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

/** Parse the summary from the last line of an output; undefined if that line is not a summary. */
export function parseSummary(output: string): Summary | undefined {
  const match = LINE.exec(output.trimEnd().split('\n').at(-1) ?? '');
  if (!match) return undefined;
  const [passed = 0, failed = 0, skipped = 0, left = 0] = match.slice(2).map(Number);
  return { kernel: match[1]!, passed, failed, skipped, left };
}
