// log-writes: every write is also written, in order, to a log.
// Source: Documentation/admin-guide/device-mapper/log-writes.rst, drivers/md/dm-log-writes.c.

import { InputError } from '../errors.ts';
import type { Sectors } from '../units.ts';
import { type Messages, type TargetKind, targetKind } from './kind.ts';
import { deviceWord, Words } from './words.ts';

/** Parameters of a log-writes target. */
export interface LogWritesParams {
  /** Where the data goes: a path, or `major:minor`. Used from its first sector on. */
  readonly device: string;
  /** Where the log goes. */
  readonly logDevice: string;
}

/** Status of a log-writes target. */
export interface LogWritesStatus {
  /** Entries in the log. */
  readonly entries: bigint;
  /** The last sector of the log device in use. */
  readonly lastSector: Sectors;
  /** False once the log is full or could not be written: the data still goes where it should. */
  readonly logging: boolean;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

/** What a log-writes target can be told. */
export interface LogWritesMessages extends Messages {
  /** Put a mark into the log. The kernel cuts it to what fits a sector: 479 bytes with sectors of 512. */
  readonly mark: (text: string) => string;
}

const logWritesMessages: LogWritesMessages = {
  mark: (text) => {
    if (typeof text !== 'string' || text === '' || text.includes('\0')) {
      const expected = 'a text that is not empty, and without NUL';
      throw new InputError({ field: 'mark', expected, received: text });
    }
    return `mark ${text.replace(/[ \t\n\v\f\r\\]/g, '\\$&')}`;
  },
};

/** Every write is also written, in order, to a log. */
export const logWrites: TargetKind<LogWritesParams, LogWritesStatus, LogWritesMessages> =
  targetKind<LogWritesParams, LogWritesStatus, LogWritesMessages>('log-writes', {
    formatParams: ({ device, logDevice }: LogWritesParams) =>
      `${deviceWord(device, 'log-writes.device')} ${deviceWord(logDevice, 'log-writes.logDevice')}`,
    readParams: (words) => ({ device: words.word('device'), logDevice: words.word('log device') }),
    parseStatus: (text) => {
      const words = new Words(text, 'log-writes status');
      const entries = words.u64('entries');
      const lastSector = words.u64('last sector');
      const logging = words.next !== 'logging_disabled';
      if (!logging) words.word('logging');
      return { entries, lastSector, logging, extra: words.rest() };
    },
    messages: logWritesMessages,
  });
