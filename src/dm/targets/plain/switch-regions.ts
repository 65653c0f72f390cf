// The mappings in the message of a switch target: all numbers are hexadecimal, the number of the next region can be
// omitted, and repetitions of a pattern are one word. Source: Documentation/admin-guide/device-mapper/switch.rst.

import { isListOf, isObject, isQuantity } from '../../../ioctl/input/checks.ts';
import { U64_MAX } from '../../../ioctl/struct/record.ts';
import { InputError } from '../../wire/errors.ts';
import { U32_MAX } from '../words/write-words.ts';

/** One mapping of the message. */
export type RegionMapping =
  | {
      /** Number of the region. @default the region after the previous one; 1 for the first mapping */
      readonly region?: bigint | number;
      /** Number of the path, from 0. */
      readonly path: number;
    }
  | {
      /** Repeat the paths of this number of preceding regions (at least 1) … */
      readonly repeat: number;
      /** … for this number of regions. */
      readonly regions: bigint | number;
    };

/** Maximum length of a pattern that `mapRegions` detects. */
const REPEAT_MAX = 16;
/** Minimum number of repeated regions: `R1,3` is as long as `:0 :0`. */
const REGIONS_MIN = 3;

function hexWord(value: bigint | number, field: string, min: bigint, max: bigint): string {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!whole || value < min || value > max) {
    throw new InputError({
      field,
      expected: `a whole number from ${min} to ${max}`,
      received: value,
    });
  }
  return value.toString(16);
}

/** Formats the mappings. @throws InputError naming the mapping */
export function regionWords(mappings: readonly RegionMapping[]): string {
  if (!Array.isArray(mappings) || mappings.length === 0) {
    throw new InputError({
      field: 'mappings',
      expected: 'at least one',
      received: mappings?.length ?? mappings,
    });
  }
  const max = BigInt(U32_MAX);
  return mappings
    .map((mapping: RegionMapping, i) => {
      const at = `mappings[${i}]`;
      isObject(mapping, at);
      if ('repeat' in mapping) {
        const repeat = hexWord(mapping.repeat, `${at}.repeat`, 1n, max);
        return `R${repeat},${hexWord(mapping.regions, `${at}.regions`, 0n, U64_MAX)}`;
      }
      const { region, path } = mapping;
      const first = region === undefined ? '' : hexWord(region, `${at}.region`, 0n, U64_MAX);
      return `${first}:${hexWord(path, `${at}.path`, 0n, max)}`;
    })
    .join(' ');
}

/** Number of entries from `at` on that equal the entry `repeat` places before. */
function runLength(paths: readonly number[], at: number, repeat: number): number {
  let end = at;
  while (end < paths.length && paths[end] === paths[end - repeat]) end += 1;
  return end - at;
}

/**
 * The mappings of region `first` to `paths[0]`, the next region to `paths[1]`, and so on. Repetitions of one path or of
 * a pattern become one mapping.
 */
export function mapRegions(
  first: bigint | number,
  paths: readonly number[],
): readonly RegionMapping[] {
  isQuantity(first, 'first');
  isListOf(isQuantity)(paths, 'paths');
  const mappings: RegionMapping[] = [];
  let at = 0;
  while (at < paths.length) {
    let best = { repeat: 0, regions: 0 };
    for (let repeat = 1; repeat <= Math.min(at, REPEAT_MAX); repeat += 1) {
      const regions = runLength(paths, at, repeat);
      if (regions > best.regions) best = { repeat, regions };
    }
    if (best.regions >= REGIONS_MIN) {
      mappings.push(best);
      at += best.regions;
    } else {
      const path = paths[at]!;
      mappings.push(at === 0 ? { region: first, path } : { path });
      at += 1;
    }
  }
  return mappings;
}
