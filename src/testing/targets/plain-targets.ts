// Stateless targets: linear, striped, zero, error, and opaque ones that only store their words.
// Sources: drivers/md/dm-linear.c, dm-stripe.c, dm-zero.c, dm-target.c.

import type { Version } from '../../dm/wire/abi.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import type { BlockDevice, Target, TargetType } from '../state/device.ts';
import { kstrtoull, type Scan } from '../state/kernel-words.ts';
import { demand, Refused } from '../state/refused.ts';

const U32_MAX = 0xffffffffn;

const nothing = (): string => '';

/** Parses a sector number. @throws Refused */
function sector(word: string, scan: Scan): bigint {
  const value = scan(word);
  if (value === undefined) throw new Refused('EINVAL', `invalid device sector ${word}`);
  return value;
}

/** `linear DEV OFFSET` */
export const linearType = (version: Version, scan: Scan): TargetType => ({
  name: 'linear',
  version,
  construct: ({ words, length, open }) => {
    demand(words.length === 2, 'invalid argument count');
    const start = sector(words[1]!, scan);
    const on = open(words[0]!);
    const dev = formatDev(on.dev);
    return {
      areas: [{ on, start, length }],
      table: () => `${dev} ${start}`,
      status: nothing,
      ima: () =>
        `target_name=linear,target_version=${version.join('.')},device_name=${dev},start=${start};`,
    };
  },
});

/** `striped N CHUNK (DEV OFFSET)×N` */
export const stripedType = (version: Version, scan: Scan): TargetType => ({
  name: 'striped',
  version,
  construct: ({ words, length, open }) => {
    demand(words.length >= 2, 'not enough arguments');
    const [count = 0n, chunk = 0n] = words.slice(0, 2).map((word) => kstrtoull(word, U32_MAX));
    demand(count > 0n, 'invalid stripe count');
    demand(chunk > 0n, 'invalid chunk size');
    demand(length % count === 0n, 'length not divisible by the number of stripes');
    demand((length / count) % chunk === 0n, 'length not divisible by the chunk size');
    demand(BigInt(words.length) === 2n + 2n * count, 'not enough destinations');
    const stripes: { readonly on: BlockDevice; readonly start: bigint }[] = [];
    for (let at = 2; at < words.length; at += 2) {
      const start = sector(words[at + 1]!, scan);
      stripes.push({ on: open(words[at]!), start });
    }
    const devs = stripes.map(({ on }) => formatDev(on.dev));
    return {
      areas: stripes.map(({ on, start }) => ({ on, start, length: length / count })),
      table: () =>
        [count, chunk, ...stripes.map(({ start }, i) => `${devs[i]} ${start}`)].join(' '),
      status: () => [count, ...devs, 1, 'A'.repeat(devs.length)].join(' '),
    };
  },
});

/** `zero`: no parameters. */
export const zeroType = (version: Version): TargetType => ({
  name: 'zero',
  version,
  construct: ({ words }) => {
    demand(words.length === 0, 'no arguments required');
    return { areas: [], table: nothing, status: nothing };
  },
});

/** `error`: ignores its parameters and may replace any target. */
export const errorType = (version: Version): TargetType => ({
  name: 'error',
  version,
  wildcard: true,
  construct: () => ({ areas: [], table: nothing, status: nothing }),
});

/** An opaque type: it accepts any parameters and reports them unchanged. */
export const opaqueType = (name: string, version: Version): TargetType => ({
  name,
  version,
  construct: ({ words }): Target => ({
    areas: [],
    table: () => words.join(' '),
    status: nothing,
  }),
});
