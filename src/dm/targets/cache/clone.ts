// clone: copies a source device to a destination device while the clone is in use.
// Source: Documentation/admin-guide/device-mapper/dm-clone.rst, drivers/md/dm-clone-target.c.

import type { SectorsInput } from '../../text/units.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { type ExtraWords, flag, lowerCase, OptionSet, pair } from '../words/options.ts';
import { integer } from '../words/word-codecs.ts';
import { countWord, deviceWord } from '../words/words.ts';
import { groupWords, lastGroupWords, powerOfTwoWord, U32_MAX } from '../words/write-words.ts';
import { type CloneStatus, parseCloneStatus } from './clone-status.ts';

/** Features of a clone. */
export interface CloneFeatures extends ExtraWords {
  /** Do not copy in the background before the message `enable_hydration`. @default false */
  readonly noHydration?: boolean;
  /** Do not pass discards to the destination. @default false */
  readonly noDiscardPassdown?: boolean;
}

/** The core arguments of a clone: how fast it copies. */
export interface CloneCore extends ExtraWords {
  /** Maximum number of regions copied at a time. @default 1 */
  readonly hydrationThreshold?: number;
  /** Maximum number of adjacent regions copied with one request. @default 1 */
  readonly hydrationBatchSize?: number;
}

/** Parameters of a clone target. */
export interface CloneParams extends CloneFeatures {
  /** The device for the metadata: a path, or `major:minor`. For a new clone, zero its first 4 KiB. */
  readonly metadataDevice: string;
  /** The device that receives the copy. At least as large as the target. */
  readonly destinationDevice: string;
  /** The device to copy. It is only read. */
  readonly sourceDevice: string;
  /** Size of a region in sectors: a power of two from 8 to 2097152. */
  readonly regionSize: SectorsInput;
  /** How fast the clone copies. @default {} */
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

/** The messages of a clone. */
export interface CloneMessages extends Messages {
  /** Starts copying in the background. */
  readonly enableHydration: () => string;
  /** Stops copying in the background. */
  readonly disableHydration: () => string;
  /** Sets the maximum number of regions copied at a time. */
  readonly hydrationThreshold: (regions: number) => string;
  /** Sets the maximum number of adjacent regions copied with one request. */
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

/** Copies a source device to a destination device while the clone is in use. */
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
