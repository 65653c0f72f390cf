// How full something is, as a bar for a terminal.

import type { Usage } from '../thin/health.ts';

/** Characters of a bar. */
export const BAR_WIDTH = 30;

/** A bar of `width` characters, those of ASCII without `utf8`, the place from which on there is too little left marked. */
export function bar(
  { used, total }: Usage,
  thresholdPercent: number,
  width: number = BAR_WIDTH,
  utf8 = true,
): string {
  const [marked, filled, empty] = utf8 ? '│█·' : '|#.';
  const full = total === 0n ? 0 : Number((used * BigInt(width)) / total);
  const mark = Math.min(Math.floor((thresholdPercent * width) / 100), width - 1);
  const cell = (_: unknown, i: number): string => {
    if (i === mark) return marked!;
    return i < full ? filled! : empty!;
  };
  return Array.from({ length: width }, cell).join('');
}

/**
 * How much of it is used, in percent, as text: `45.0`. Rounded down, but what is hardly anything is not nothing: as
 * libdevmapper's `dm_percent_to_round_float`, only what is full shows as 100, and only what is empty as 0.
 */
export function percentDigits({ used, total }: Usage, decimals = 1): string {
  const units = total === 0n ? 0n : (used * 10n ** BigInt(2 + decimals)) / total;
  const shown = String(units === 0n && used > 0n && total > 0n ? 1n : units).padStart(
    decimals + 1,
    '0',
  );
  if (decimals === 0) return shown;
  return `${shown.slice(0, -decimals)}.${shown.slice(-decimals)}`;
}

/** The same with a tenth, as a number: `45`. */
export const percentOf = (usage: Usage): number => Number(percentDigits(usage));

/** The same with its sign: `45.0%`. */
export const percentText = (usage: Usage): string => `${percentDigits(usage)}%`;
