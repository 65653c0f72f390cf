// Draws usage as a bar for a terminal.

import type { Usage } from '../../thin/live/health.ts';

/** The width of a bar, in characters. */
export const BAR_WIDTH = 30;

/** Draws a bar of `width` characters, ASCII unless `utf8`. A mark shows where space becomes low. */
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
 * Formats the used share in percent: `45.0`. Rounds down like libdevmapper's `dm_percent_to_round_float`: only a full
 * device shows 100, and only an empty one shows 0.
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

/** The used share in percent with one decimal, as a number: `45`. */
export const percentOf = (usage: Usage): number => Number(percentDigits(usage));

/** The used share with a percent sign: `45.0%`. */
export const percentText = (usage: Usage): string => `${percentDigits(usage)}%`;
