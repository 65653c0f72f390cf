// clone: a device that is copied from another one while it is in use.
// Source: Documentation/admin-guide/device-mapper/dm-clone.rst, drivers/md/dm-clone-target.c.

import type { SectorsInput } from '../units.ts';
import { type CloneStatus, parseCloneStatus } from './clone-status.ts';
import { type Messages, type TargetKind, targetKind } from './kind.ts';
import { type ExtraWords, flag, lowerCase, OptionSet, pair } from './options.ts';
import { integer } from './word-codecs.ts';
import { countWord, deviceWord } from './words.ts';
import { groupWords, lastGroupWords, powerOfTwoWord, U32_MAX } from './write-words.ts';

/** Features of a clone. */
export interface CloneFeatures extends ExtraWords {
  /** Do not copy in the background until `enable_hydration` says so. @default false */
  readonly noHydration?: boolean;
  /** Keep discards from the destination. @default false */
  readonly noDiscardPassdown?: boolean;
}

/** How fast a clone copies. */
export interface CloneCore extends ExtraWords {
  /** Regions copied at a time at most. @default 1 */
  readonly hydrationThreshold?: number;
  /** Neighbouring regions copied in one go at most. @default 1 */
  readonly hydrationBatchSize?: number;
}

/** Parameters of a clone target. */
export interface CloneParams extends CloneFeatures {
  /** Which regions are copied. Zero its first 4 KiB for a new clone: a path, or `major:minor`. */
  readonly metadataDevice: string;
  /** Where the copy goes: as long as the target, or longer. */
  readonly destinationDevice: string;
  /** Where it comes from; only read. */
  readonly sourceDevice: string;
  /** Sectors copied at once: a power of two from 8 to 2097152. */
  readonly regionSize: SectorsInput;
  /** How fast it copies. @default {} */
  readonly core?: CloneCore;
}

const features = new OptionSet<CloneFeatures>(
  'clone',
  { noHydration: flag('no_hydration'), noDiscardPassdown: flag('no_discard_passdown') },
  lowerCase,
);

const core = new OptionSet<CloneCore>(
  'clone.core',
  {
    hydrationThreshold: pair('hydration_threshold', integer(0, U32_MAX)),
    hydrationBatchSize: pair('hydration_batch_size', integer(0, U32_MAX)),
  },
  lowerCase,
);

const REGION_MIN = 8;
const REGION_MAX = 2 ** 21;

/** What a clone can be told. */
export interface CloneMessages extends Messages {
  /** Copy in the background. */
  readonly enableHydration: () => string;
  /** Stop copying in the background. */
  readonly disableHydration: () => string;
  /** Copy so many regions at a time at most. */
  readonly hydrationThreshold: (regions: number) => string;
  /** Copy so many neighbouring regions in one go at most. */
  readonly hydrationBatchSize: (regions: number) => string;
}

const cloneMessages: CloneMessages = {
  enableHydration: () => 'enable_hydration',
  disableHydration: () => 'disable_hydration',
  hydrationThreshold: (regions) =>
    `hydration_threshold ${countWord(regions, 'regions', 0, U32_MAX)}`,
  hydrationBatchSize: (regions) =>
    `hydration_batch_size ${countWord(regions, 'regions', 0, U32_MAX)}`,
};

/** A device that is copied from another one while it is in use. */
export const clone: TargetKind<CloneParams, CloneStatus, CloneMessages> = targetKind<
  CloneParams,
  CloneStatus,
  CloneMessages
>('clone', {
  formatParams: (params) => {
    const featureWords = features.format(params);
    const coreWords = params.core === undefined ? [] : core.format(params.core);
    return [
      deviceWord(params.metadataDevice, 'clone.metadataDevice'),
      deviceWord(params.destinationDevice, 'clone.destinationDevice'),
      deviceWord(params.sourceDevice, 'clone.sourceDevice'),
      powerOfTwoWord(params.regionSize, 'clone.regionSize', REGION_MIN, REGION_MAX),
      ...(coreWords.length === 0 ? lastGroupWords(featureWords, params) : groupWords(featureWords)),
      ...lastGroupWords(coreWords, params),
    ].join(' ');
  },
  readParams: (words) => {
    const params = {
      metadataDevice: words.word('metadata device'),
      destinationDevice: words.word('destination device'),
      sourceDevice: words.word('source device'),
      regionSize: words.u64('region size'),
    };
    const found = features.parse(words.lastGroup('feature'));
    const foundCore = core.parse(words.lastGroup('core argument'));
    return { ...params, ...found, ...(Object.keys(foundCore).length > 0 && { core: foundCore }) };
  },
  parseStatus: parseCloneStatus,
  messages: cloneMessages,
});
