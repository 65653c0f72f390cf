// flakey: alternates between working and failing.
// Source: Documentation/admin-guide/device-mapper/dm-flakey.rst, drivers/md/dm-flakey.c.

import { isObject } from '../../../ioctl/input/checks.ts';
import type { SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { type NoMessages, noStatus, type TargetKind, targetKind } from '../words/kind.ts';
import {
  type ExtraWords,
  flag,
  lowerCase,
  type Option,
  OptionSet,
  pair,
} from '../words/options.ts';
import { choice, integer } from '../words/word-codecs.ts';
import { countWord, deviceWord, type ReportedIn, sectorsWord } from '../words/words.ts';
import { U32_MAX } from '../words/write-words.ts';

/** Overwriting one byte of each request. */
export interface ByteCorruption {
  /** The byte within the request's data, from 1. */
  readonly nth: number;
  /** `'r'` changes read data, `'w'` written data. */
  readonly direction: 'r' | 'w';
  /** The new value of the byte: 0 to 255. */
  readonly value: number;
  /** Only requests that have all of these `bio->bi_opf` flags; 0 for every request. */
  readonly flags: number;
}

/** The failures while the device is down. Without any of them, all I/O fails. */
export interface FlakeyFeatures extends ExtraWords {
  /** Reads fail. Since Linux 6.5. @default false */
  readonly errorReads?: boolean;
  /** Writes are dropped without an error. @default false */
  readonly dropWrites?: boolean;
  /** Writes fail. Not with `dropWrites`. @default false */
  readonly errorWrites?: boolean;
  /** A byte is overwritten; `'r'` not with `errorReads`, `'w'` not with `dropWrites` or `errorWrites`. */
  readonly corruptByte?: ByteCorruption;
  /** Number of reads per 1000000000 in which a byte is changed; not with `errorReads`. Since Linux 6.5. @default 0 */
  readonly randomReadCorrupt?: number;
  /** The same for writes; not with `dropWrites` or `errorWrites`. Since Linux 6.5. @default 0 */
  readonly randomWriteCorrupt?: number;
}

/** Parameters of a flakey target. */
export interface FlakeyParams extends FlakeyFeatures {
  /** A path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
  /** Length of the working interval in seconds. */
  readonly upSeconds: number;
  /** Length of the failing interval in seconds. Must not be 0 if `upSeconds` is 0. */
  readonly downSeconds: number;
}

/** Parameters of a flakey target, read from its table: a newer kernel may have other directions. */
export interface ReportedFlakey extends Omit<FlakeyParams, 'corruptByte'> {
  readonly corruptByte?: ReportedIn<ByteCorruption, 'direction'>;
}

const nth = integer(1, U32_MAX);
const direction = choice('r', 'w');
const byte = integer(0, 255);
const bioFlags = integer(0, U32_MAX);
const probability = integer(0, 1_000_000_000);

/** `corrupt_bio_byte 32 r 1 0` */
const corruption: Option<ByteCorruption> = {
  format: (value, field) => {
    isObject(value, field);
    return [
      'corrupt_bio_byte',
      nth.format(value.nth, `${field}.nth`),
      direction.format(value.direction, `${field}.direction`),
      byte.format(value.value, `${field}.value`),
      bioFlags.format(value.flags, `${field}.flags`),
    ];
  },
  take: (found, reader) => {
    if (found !== 'corrupt_bio_byte') return undefined;
    const read = <T>(codec: { parse: (word: string) => T | undefined; expected: string }): T => {
      const word = reader.next();
      return codec.parse(word) ?? reader.refuse(codec.expected, word);
    };
    return { nth: read(nth), direction: read(direction), value: read(byte), flags: read(bioFlags) };
  },
};

const features = new OptionSet<FlakeyFeatures, ReportedFlakey>(
  'flakey',
  {
    errorReads: flag('error_reads'),
    dropWrites: flag('drop_writes'),
    errorWrites: flag('error_writes'),
    corruptByte: corruption,
    randomReadCorrupt: pair('random_read_corrupt', probability),
    randomWriteCorrupt: pair('random_write_corrupt', probability),
  },
  lowerCase,
);

function demand(holds: boolean, field: string, expected: string, received: unknown): void {
  if (!holds) throw new InputError({ field: `flakey.${field}`, expected, received });
}

/** Rejects a corruption of reads or writes that another feature already drops or fails. @throws InputError */
function checkCorruption(
  by: 'errorReads' | 'errorWrites' | 'dropWrites',
  direction: 'r' | 'w',
  params: FlakeyParams,
): void {
  if (!params[by]) return;
  const field = direction === 'r' ? 'randomReadCorrupt' : 'randomWriteCorrupt';
  const corrupted = params.corruptByte?.direction;
  const other = direction === 'r' ? 'w' : 'r';
  demand(corrupted !== direction, 'corruptByte.direction', `${other} with ${by}`, corrupted);
  demand(!params[field], field, `0 or no value with ${by}`, params[field]);
}

function checkTogether(params: FlakeyParams): void {
  const { upSeconds, downSeconds, dropWrites, errorWrites } = params;
  const sum = upSeconds + downSeconds;
  demand(sum >= 1, 'downSeconds', 'at least 1, because upSeconds is 0', downSeconds);
  demand(sum <= U32_MAX, 'downSeconds', `at most ${U32_MAX} with upSeconds`, downSeconds);
  demand(
    !(dropWrites && errorWrites),
    'errorWrites',
    'false or no value with dropWrites',
    errorWrites,
  );
  checkCorruption('errorReads', 'r', params);
  checkCorruption('errorWrites', 'w', params);
  checkCorruption('dropWrites', 'w', params);
}

/** Alternates between working and failing. Its status is empty. */
export const flakey: TargetKind<FlakeyParams, undefined, NoMessages, ReportedFlakey> = targetKind<
  FlakeyParams,
  undefined,
  NoMessages,
  ReportedFlakey
>('flakey', {
  formatParams: (params: FlakeyParams) => {
    const { device, offset = 0n, upSeconds, downSeconds } = params;
    const fixed = [
      deviceWord(device, 'flakey.device'),
      sectorsWord(offset, 'flakey.offset'),
      countWord(upSeconds, 'flakey.upSeconds', 0, U32_MAX),
      countWord(downSeconds, 'flakey.downSeconds', 0, U32_MAX),
    ];
    const words = features.format(params);
    checkTogether(params);
    return [...fixed, words.length, ...words].join(' ');
  },
  readParams: (words) => {
    const params = {
      device: words.word('device'),
      offset: words.u64('offset'),
      upSeconds: words.count('up seconds'),
      downSeconds: words.count('down seconds'),
    };
    const found = features.parse(words.lastGroup('feature'));
    return { ...params, ...found };
  },
  parseStatus: noStatus,
  messages: {},
});
