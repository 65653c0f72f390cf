// delay: delays I/O. Source: Documentation/admin-guide/device-mapper/delay.rst, drivers/md/dm-delay.c.

import { isObject } from '../../../ioctl/input/checks.ts';
import type { SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { type TargetKind, targetKind } from '../words/kind.ts';
import { countWord, deviceWord, sectorsWord, Words } from '../words/words.ts';
import { U32_MAX } from '../words/write-words.ts';

/** The device and the delay of one kind of I/O. */
export interface DelayedPath {
  /** A path, or `major:minor` as the kernel reports it. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
  /** Delay in milliseconds, 0 to 4294967295. @default 0 */
  readonly delayMs?: number;
}

/** Parameters of a delay target. */
export interface DelayParams {
  /** Reads, and writes and flushes without their own path. */
  readonly read: DelayedPath;
  /** Writes. @default the same as `read` */
  readonly write?: DelayedPath;
  /** Flushes; only with `write`. @default the same as `write` */
  readonly flush?: DelayedPath;
}

/** Status of a delay target: the number of delayed requests. */
export interface DelayStatus {
  readonly reads: number;
  readonly writes: number;
  /** `undefined` on kernels that count flushes as writes. */
  readonly flushes: number | undefined;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

function pathWords(path: DelayedPath, field: string): readonly string[] {
  isObject(path, field);
  const { device, offset = 0n, delayMs = 0 } = path;
  return [
    deviceWord(device, `${field}.device`),
    sectorsWord(offset, `${field}.offset`),
    countWord(delayMs, `${field}.delayMs`, 0, U32_MAX),
  ];
}

const readPath = (words: Words, what: string): DelayedPath => ({
  device: words.word(`${what} device`),
  offset: words.u64(`${what} offset`),
  delayMs: words.count(`${what} delay`),
});

/** Delays I/O. Reads, writes and flushes can each have their own device and delay. */
export const delay: TargetKind<DelayParams, DelayStatus> = targetKind<DelayParams, DelayStatus>(
  'delay',
  {
    formatParams: ({ read, write, flush }: DelayParams) => {
      if (flush !== undefined && write === undefined) {
        const expected = 'a path, because flush has one';
        throw new InputError({ field: 'delay.write', expected, received: write });
      }
      return [
        ...pathWords(read, 'delay.read'),
        ...(write === undefined ? [] : pathWords(write, 'delay.write')),
        ...(flush === undefined ? [] : pathWords(flush, 'delay.flush')),
      ].join(' ');
    },
    readParams: (words) => ({
      read: readPath(words, 'read'),
      ...(words.more && { write: readPath(words, 'write') }),
      ...(words.more && { flush: readPath(words, 'flush') }),
    }),
    parseStatus: (text) => {
      const words = new Words(text, 'delay status');
      return {
        reads: words.count('reads'),
        writes: words.count('writes'),
        flushes: words.more ? words.count('flushes') : undefined,
        extra: words.rest(),
      };
    },
    messages: {},
  },
);
