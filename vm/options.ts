import { InvalidArgumentError } from 'commander';

const factors: Readonly<Record<string, number>> = {
  '': 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/**
 * A size in bytes: digits with an optional binary suffix K, M, G or T, as in `256M` or `256MiB`.
 *
 * @throws InvalidArgumentError for any other text, and for a size that is not a multiple of 512.
 */
export function parseSize(text: string): number {
  const match = /^(\d+)(?:([KMGT])(?:iB)?)?$/i.exec(text);
  const size = match ? Number(match[1]) * factors[(match[2] ?? '').toUpperCase()]! : 0;
  if (!Number.isSafeInteger(size) || size === 0 || size % 512 !== 0)
    throw new InvalidArgumentError(
      `Expected a size such as 256M or 10G, a multiple of 512 bytes, got ${JSON.stringify(text)}.`,
    );
  return size;
}

/**
 * Creates a parser of a whole number from `least` to `most`.
 *
 * @throws InvalidArgumentError (the parser) for any other text.
 */
export function parseWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(
        `Expected a whole number from ${least} to ${most}, got ${JSON.stringify(text)}.`,
      );
    return value;
  };
}

/**
 * Adds `NAME=VALUE` to the previous variables.
 *
 * @throws InvalidArgumentError without `=`, or for a name that a shell cannot export.
 */
export function parseEnv(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(text);
  if (!match) throw new InvalidArgumentError(`Expected NAME=VALUE, got ${JSON.stringify(text)}.`);
  return { ...before, [match[1]!]: match[2]! };
}
