// flakey: a device that works for a while and then does not, in turn.
// Source: Documentation/admin-guide/device-mapper/dm-flakey.rst, drivers/md/dm-flakey.c.

import { InputError } from '../errors.ts';
import type { Sectors } from '../table.ts';
import { noStatus, type TargetKind, targetKind } from './kind.ts';
import { countWord, deviceWord, sectorsWord, Words } from './words.ts';
import { extraWords, flagWords, groupWords, kept, U32_MAX, valueWords } from './write-words.ts';

/** One byte of every request that is overwritten. */
export interface ByteCorruption {
  /** Which byte of the request's data: 1 for the first. */
  readonly nth: number;
  /** `'r'` corrupts what is read, `'w'` what is written. */
  readonly direction: 'r' | 'w';
  /** What takes its place: 0 to 255. */
  readonly value: number;
  /** Only requests that have all of these `bio->bi_opf` flags. @default 0, every request */
  readonly flags?: number;
}

/** Parameters of a flakey target. Without any feature all I/O fails while it is down. */
export interface FlakeyParams {
  /** A path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: Sectors;
  /** Seconds for which it works. */
  readonly upSeconds: number;
  /** Seconds for which it then does not. Not 0 if `upSeconds` is. */
  readonly downSeconds: number;
  /** Reads fail while it is down. From version 1.5 with a kernel of 2023 or newer. @default false */
  readonly errorReads?: boolean;
  /** Writes vanish without an error while it is down. @default false */
  readonly dropWrites?: boolean;
  /** Writes fail while it is down. Not together with `dropWrites`. @default false */
  readonly errorWrites?: boolean;
  /** Overwrite a byte while it is down; `'w'` not together with `dropWrites` or `errorWrites`. */
  readonly corruptByte?: ByteCorruption;
  /** How many of 1000000000 reads have a byte changed while it is down. @default 0 */
  readonly randomReadCorrupt?: number;
  /** The same of writes; not together with `dropWrites` or `errorWrites`. @default 0 */
  readonly randomWriteCorrupt?: number;
  /** Feature words that this library does not know. @default [] */
  readonly extra?: readonly string[];
}

const PROBABILITY_MAX = 1_000_000_000;

function checkTogether(params: FlakeyParams): void {
  const { upSeconds, downSeconds, dropWrites, errorWrites, corruptByte } = params;
  const demand = (holds: boolean, field: string, expected: string, received: unknown): void => {
    if (!holds) throw new InputError({ field: `flakey.${field}`, expected, received });
  };
  const sum = upSeconds + downSeconds;
  demand(sum >= 1, 'downSeconds', 'at least 1, because upSeconds is 0', downSeconds);
  demand(sum <= U32_MAX, 'downSeconds', `at most ${U32_MAX} with upSeconds`, downSeconds);
  demand(!(dropWrites && errorWrites), 'errorWrites', 'not both this and dropWrites', errorWrites);
  if (!dropWrites && !errorWrites) return;
  const why = `with ${dropWrites ? 'dropWrites' : 'errorWrites'}`;
  demand(corruptByte?.direction !== 'w', 'corruptByte.direction', `"r" ${why}`, 'w');
  const random = params.randomWriteCorrupt ?? 0;
  demand(random === 0, 'randomWriteCorrupt', `0 or nothing ${why}`, random);
}

function corruptByteWords({ nth, direction, value, flags = 0 }: ByteCorruption): string {
  if (direction !== 'r' && direction !== 'w') {
    const field = 'flakey.corruptByte.direction';
    throw new InputError({ field, expected: '"r" or "w"', received: direction });
  }
  return [
    countWord(nth, 'flakey.corruptByte.nth', 1, U32_MAX),
    direction,
    countWord(value, 'flakey.corruptByte.value', 0, 255),
    countWord(flags, 'flakey.corruptByte.flags', 0, U32_MAX),
  ].join(' ');
}

const probability = (field: string) => (value: number) =>
  countWord(value, `flakey.${field}`, 0, PROBABILITY_MAX);

/** The features in the kernel's order, one word each. */
const featureWords = (params: FlakeyParams): readonly string[] =>
  [
    ...flagWords(params.errorReads, 'error_reads'),
    ...flagWords(params.dropWrites, 'drop_writes'),
    ...flagWords(params.errorWrites, 'error_writes'),
    ...valueWords(params.corruptByte, 'corrupt_bio_byte', corruptByteWords),
    ...valueWords(
      params.randomReadCorrupt,
      'random_read_corrupt',
      probability('randomReadCorrupt'),
    ),
    ...valueWords(
      params.randomWriteCorrupt,
      'random_write_corrupt',
      probability('randomWriteCorrupt'),
    ),
    ...extraWords(params.extra, 'flakey.extra'),
  ].flatMap((words) => words.split(' '));

type Features = Omit<FlakeyParams, 'device' | 'offset' | 'upSeconds' | 'downSeconds'>;

const readCorruption = (words: Words): ByteCorruption => ({
  nth: words.count('corrupt_bio_byte'),
  direction: words.keyword('corrupt_bio_byte direction', ['r', 'w']),
  value: words.count('corrupt_bio_byte value'),
  flags: words.count('corrupt_bio_byte flags'),
});

/** What each feature word says, with the words that belong to it. */
const FEATURES: Readonly<Record<string, (words: Words) => Features>> = {
  error_reads: () => ({ errorReads: true }),
  drop_writes: () => ({ dropWrites: true }),
  error_writes: () => ({ errorWrites: true }),
  corrupt_bio_byte: (words) => ({ corruptByte: readCorruption(words) }),
  random_read_corrupt: (words) => ({ randomReadCorrupt: words.count('random_read_corrupt') }),
  random_write_corrupt: (words) => ({ randomWriteCorrupt: words.count('random_write_corrupt') }),
};

/** A device that works for a while and then does not, in turn. Its status is empty. */
export const flakey: TargetKind<FlakeyParams> = targetKind<FlakeyParams>('flakey', {
  formatParams: (params: FlakeyParams) => {
    const { device, offset = 0n, upSeconds, downSeconds } = params;
    const words = [
      deviceWord(device, 'flakey.device'),
      sectorsWord(offset, 'flakey.offset'),
      countWord(upSeconds, 'flakey.upSeconds', 0, U32_MAX),
      countWord(downSeconds, 'flakey.downSeconds', 0, U32_MAX),
      ...groupWords(featureWords(params)),
    ];
    checkTogether(params);
    return words.join(' ');
  },
  parseParams: (text) => {
    const words = new Words(text, 'flakey');
    const params = {
      device: words.word('device'),
      offset: words.u64('offset'),
      upSeconds: words.count('up seconds'),
      downSeconds: words.count('down seconds'),
    };
    const features = words.group('feature').options('feature', FEATURES);
    words.end();
    return { ...params, ...features };
  },
  parseStatus: noStatus,
  messages: {},
});
