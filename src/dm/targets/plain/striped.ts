// striped: distributes chunks over several devices in turn. Source: …/device-mapper/striped.rst.

import type { SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { type TargetKind, targetKind } from '../words/kind.ts';
import { placeWords, sectorsWord, Words } from '../words/words.ts';

/** One device of a stripe set. */
export interface Stripe {
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Parameters of a striped target. Its length must be a multiple of stripes × chunk size. */
export interface StripedParams {
  /** Size of a chunk in sectors. */
  readonly chunkSize: SectorsInput;
  readonly stripes: readonly Stripe[];
}

/** Status of a striped target. */
export interface StripedStatus {
  /** Each device as `major:minor`, and whether all its I/O succeeded; `undefined` if the kernel does not report it. */
  readonly stripes: readonly { readonly device: string; readonly healthy: boolean | undefined }[];
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

function takeHealth(words: Words, count: number): string {
  words.label('health words', '1');
  const health = words.word('health');
  const expected = `one letter for each of ${count} devices`;
  return health.length === count ? health : words.refuse('health', expected, health);
}

/** Distributes chunks over several devices in turn. */
export const striped: TargetKind<StripedParams, StripedStatus> = targetKind<
  StripedParams,
  StripedStatus
>('striped', {
  formatParams: ({ chunkSize, stripes }: StripedParams) => {
    if (!Array.isArray(stripes) || stripes.length === 0) {
      throw new InputError({
        field: 'striped.stripes',
        expected: 'at least one',
        received: stripes?.length ?? stripes,
      });
    }
    const devices = stripes.map((stripe: Stripe, i) => placeWords(stripe, `striped.stripes[${i}]`));
    return `${stripes.length} ${sectorsWord(chunkSize, 'striped.chunkSize')} ${devices.join(' ')}`;
  },
  readParams: (words) => {
    const count = words.count('stripe count');
    const chunkSize = words.u64('chunk size');
    const stripes: Stripe[] = [];
    while (stripes.length < count) {
      stripes.push({ device: words.word('device'), offset: words.u64('offset') });
    }
    return { chunkSize, stripes };
  },
  parseStatus: (text) => {
    const words = new Words(text, 'striped status');
    const count = words.count('stripe count');
    const devices: string[] = [];
    while (devices.length < count) devices.push(words.word('device'));
    // The status of the first versions ends here.
    const health = words.more ? takeHealth(words, count) : undefined;
    return {
      stripes: devices.map((device, i) => ({
        device,
        healthy: health === undefined ? undefined : health[i] === 'A',
      })),
      extra: words.rest(),
    };
  },
  messages: {},
});
