// log-writes: logs every write, in order, to a second device.
// Source: Documentation/admin-guide/device-mapper/log-writes.rst, drivers/md/dm-log-writes.c.

import type { Sectors } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { deviceWord, Words } from '../words/words.ts';

/** Parameters of a log-writes target. */
export interface LogWritesParams {
  /** The data device: a path, or `major:minor`. It is used from its first sector on. */
  readonly device: string;
  /** The device for the log. */
  readonly logDevice: string;
}

/** Status of a log-writes target. */
export interface LogWritesStatus {
  /** Number of entries in the log. */
  readonly entries: bigint;
  /** Last used sector of the log device. */
  readonly lastSector: Sectors;
  /** False once the log is full or a write to it failed. Data writes still succeed. */
  readonly logging: boolean;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

/** The messages of a log-writes target. */
export interface LogWritesMessages extends Messages {
  /** Writes a mark to the log. The kernel cuts it to fit a sector: 479 bytes with sectors of 512 bytes. */
  readonly mark: (text: string) => string;
}

const logWritesMessages: LogWritesMessages = {
  mark: (text) => {
    if (typeof text !== 'string' || text === '' || text.includes('\0')) {
      const expected = 'a non-empty string without NUL';
      throw new InputError({ field: 'mark', expected, received: text });
    }
    return `mark ${text.replace(/[ \t\n\v\f\r\\]/g, '\\$&')}`;
  },
};

/** Logs every write, in order, to a second device. */
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
