// delay: I/O that comes late. Source: Documentation/admin-guide/device-mapper/delay.rst, drivers/md/dm-delay.c.

import { isObject } from '../../ioctl/checks.ts';
import { InputError } from '../errors.ts';
import type { SectorsInput } from '../units.ts';
import { type TargetKind, targetKind } from './kind.ts';
import { countWord, deviceWord, sectorsWord, Words } from './words.ts';
import { U32_MAX } from './write-words.ts';

/** Where one kind of I/O goes, and how late. */
export interface DelayedPath {
  /** A path, or `major:minor` as tables read back have it. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
  /** Milliseconds, 0 to 4294967295. @default 0 */
  readonly delayMs?: number;
}

/** Parameters of a delay target. */
export interface DelayParams {
  /** Reads, and whatever has no path of its own. */
  readonly read: DelayedPath;
  /** Writes. @default as reads */
  readonly write?: DelayedPath;
  /** Flushes; only together with `write`. @default as writes */
  readonly flush?: DelayedPath;
}

/** Status of a delay target: how many requests are being held back. */
export interface DelayStatus {
  readonly reads: number;
  readonly writes: number;
  /** Absent on kernels that count them as writes. */
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

/** I/O that comes late: reads, writes and flushes each from a device of their own, if need be. */
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
