// How full something is, as a bar for a terminal.

import type { Usage } from '../thin/health.ts';

/** Characters of a bar. */
export const BAR_WIDTH = 30;

/** A bar of `width` characters, the place from which on there is too little left marked. */
export function bar(
  { used, total }: Usage,
  thresholdPercent: number,
  width: number = BAR_WIDTH,
): string {
  const full = total === 0n ? 0 : Number((used * BigInt(width)) / total);
  const mark = Math.min(Math.floor((thresholdPercent * width) / 100), width - 1);
  const cell = (_: unknown, i: number): string => {
    if (i === mark) return '│';
    return i < full ? '█' : '·';
  };
  return Array.from({ length: width }, cell).join('');
}

const TENTHS = 1000n;

/** How much of it is used, in percent, rounded down to a tenth: `45.0`. */
export const percentOf = ({ used, total }: Usage): number =>
  total === 0n ? 0 : Number((used * TENTHS) / total) / 10;

/** The same as text: `45.0%`. */
export const percentText = (usage: Usage): string => `${percentOf(usage).toFixed(1)}%`;
