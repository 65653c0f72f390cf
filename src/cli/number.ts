import { UsageError } from './exit-status.ts';

/** Makes the parser of a whole number from 0 to `most`; `what` names it in the error. */
export const wholeNumber =
  (what: string, most: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value <= most) return value;
    throw new UsageError(
      `${what}: expected a whole number from 0 to ${most}, got ${JSON.stringify(text)}`,
    );
  };
