// mirror: keeps the same data on several devices; the predecessor of raid1. Source: drivers/md/dm-raid1.c.

import type { Blocks, SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { type TargetKind, targetKind } from '../words/kind.ts';
import { type ExtraWords, flag, OptionSet } from '../words/options.ts';
import { placeWords, type Reported, Words } from '../words/words.ts';
import { lastGroupWords } from '../words/write-words.ts';
import {
  logWords,
  type MirrorLog,
  type MirrorLogStatus,
  takeLog,
  takeLogStatus,
} from './mirror-log.ts';

const LEGS_MIN = 2;
const LEGS_MAX = 9;

/** One copy of a mirror. */
export interface MirrorLeg {
  /** A path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Optional parameters of a mirror. */
export interface MirrorOptions extends ExtraWords {
  /** Report errors of a leg and continue with the others, instead of ignoring errors. @default false */
  readonly handleErrors?: boolean;
  /** Continue when the log has failed; needs `handleErrors`. @default false */
  readonly keepLog?: boolean;
}

/** Parameters of a mirror. */
export interface MirrorParams extends MirrorOptions {
  readonly log: MirrorLog;
  /** 2 to 9 legs. The others are synchronized from the first. */
  readonly legs: readonly MirrorLeg[];
}

/**
 * Health of a leg: `A` alive, or its worst error so far: `F` flush, `D` write, `S` synchronization, `R` read, `U` other.
 * An unknown letter of a newer kernel is kept.
 */
export type MirrorHealth = Reported<'A' | 'F' | 'D' | 'S' | 'R' | 'U'>;

/** Status of a mirror. */
export interface MirrorStatus {
  /** Each leg as `major:minor`. The health is `undefined` if the kernel does not report it. */
  readonly legs: readonly { readonly device: string; readonly health: MirrorHealth | undefined }[];
  /** Number of regions that are equal on all legs, and of all regions. */
  readonly regions: { readonly inSync: Blocks<'region'>; readonly total: Blocks<'region'> };
  /** `undefined` if the kernel does not report it. */
  readonly log: MirrorLogStatus | undefined;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

const options = new OptionSet<MirrorOptions>('mirror', {
  handleErrors: flag('handle_errors'),
  keepLog: flag('keep_log'),
});

function check({ legs, handleErrors, keepLog }: MirrorParams): void {
  if (!Array.isArray(legs) || legs.length < LEGS_MIN || legs.length > LEGS_MAX) {
    const expected = `${LEGS_MIN} to ${LEGS_MAX}`;
    throw new InputError({ field: 'mirror.legs', expected, received: legs?.length });
  }
  if (keepLog && !handleErrors) {
    throw new InputError({ field: 'mirror.handleErrors', expected: 'true with keepLog' });
  }
}

function takeHealth(words: Words, count: number): readonly MirrorHealth[] {
  words.label('health word count', '1');
  const letters = [...words.word('health')];
  if (letters.length !== count) words.refuse('health', `${count} letters`, letters.join(''));
  return letters;
}

/** Keeps the same data on several devices. Needs the modules of its log. */
export const mirror: TargetKind<MirrorParams, MirrorStatus> = targetKind<
  MirrorParams,
  MirrorStatus
>('mirror', {
  formatParams: (params) => {
    check(params);
    const optional = options.format(params);
    const legs = params.legs.map((leg, i) => placeWords(leg, `mirror.legs[${i}]`));
    return [
      ...logWords(params.log),
      legs.length,
      ...legs,
      ...lastGroupWords(optional, params),
    ].join(' ');
  },
  readParams: (words) => {
    const log = takeLog(words);
    const count = words.count('leg count');
    const legs: MirrorLeg[] = [];
    while (legs.length < count) {
      legs.push({ device: words.word('leg device'), offset: words.u64('leg offset') });
    }
    return { log, legs, ...options.parse(words.lastGroup('feature')) };
  },
  parseStatus: (text) => {
    const words = new Words(text, 'mirror status');
    const count = words.count('leg count');
    const devices: string[] = [];
    while (devices.length < count) devices.push(words.word('leg device'));
    const { used, total } = words.ratio('regions');
    // The status of the first versions ends here, that of later ones after the health.
    const health = words.more ? takeHealth(words, count) : [];
    return {
      legs: devices.map((device, i) => ({ device, health: health[i] })),
      regions: { inSync: used, total },
      log: words.more ? takeLogStatus(words.group('log')) : undefined,
      extra: words.rest(),
    };
  },
  messages: {},
});
