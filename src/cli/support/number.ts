import { UsageError } from './exit-status.ts';

/** Returns a parser of whole numbers from 0 to `most`; `what` names the value in the error. */
export const wholeNumber =
  (what: string, most: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value <= most) return value;
    throw new UsageError(
      `invalid ${what}: expected a whole number from 0 to ${most}, got ${JSON.stringify(text)}`,
    );
  };
