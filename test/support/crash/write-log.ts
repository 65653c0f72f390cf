// The log of a log-writes device. Source: drivers/md/dm-log-writes.c of the kernel.
//
// The target logs a write with the next flush, and a FUA write and a mark at once. So each part of the log up to a flush, a
// FUA write or a mark is what a disk with a volatile cache certainly has at that moment.

import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { le32, le64, record } from '../../../src/ioctl/struct/record.ts';

const MAGIC = 0x6a736677736872n;
const VERSION = 1n;

const superblock = record('log_write_super', 28, {
  magic: le64(0),
  version: le64(8),
  entries: le64(16),
  sectorSize: le32(24),
});

const header = record('log_write_entry', 32, {
  sector: le64(0),
  sectors: le64(8),
  flags: le64(16),
  dataLength: le64(24),
});

const FLUSH = 1n;
const FUA = 2n;
const DISCARD = 4n;
const MARK = 8n;

/** A write to the disk, a flush, or a mark. */
export interface LogEntry {
  /** Offset on the disk in bytes. */
  readonly offset: number;
  /** Number of bytes. A flush and a mark have none. */
  readonly length: number;
  readonly flush: boolean;
  readonly fua: boolean;
  /** The range was discarded: it reads as zeros, and the log has no data of it. */
  readonly discard: boolean;
  readonly mark: string | undefined;
  /** Offset of the data in the log, in bytes. */
  readonly data: number;
}

/** A log on a file. */
export class WriteLog implements Disposable {
  readonly entries: readonly LogEntry[];
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.entries = [...this.#readEntries()];
  }

  *#readEntries(): Generator<LogEntry, void, void> {
    const { magic, version, entries, sectorSize } = superblock.decode(
      this.#bytes(0, superblock.size),
    );
    if (magic !== MAGIC || version !== VERSION) {
      throw new Error(
        `invalid log of writes: expected magic ${MAGIC} and version 1, got ${magic} and ${version}`,
      );
    }
    let at = sectorSize;
    for (let index = 0n; index < entries; index++) {
      const { sector, sectors, flags, dataLength } = header.decode(this.#bytes(at, header.size));
      const discard = (flags & DISCARD) !== 0n;
      const length = Number(sectors) * sectorSize;
      const data = at + sectorSize;
      const mark =
        (flags & MARK) === 0n
          ? undefined
          : this.#bytes(at + header.size, Number(dataLength)).toString();
      yield {
        offset: Number(sector) * sectorSize,
        length,
        flush: (flags & FLUSH) !== 0n,
        fua: (flags & FUA) !== 0n,
        discard,
        mark,
        data,
      };
      at = discard ? data : data + length;
    }
  }

  #bytes(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    const read = readSync(this.#fd, bytes, 0, length, offset);
    if (read !== length) throw new Error(`the log of writes ends at byte ${offset + read}`);
    return bytes;
  }

  /** Repeat the write of an entry, or some bytes of it, on the open file or device `fd`. */
  repeat(entry: LogEntry, fd: number, from = 0, to: number = entry.length): void {
    const length = to - from;
    const bytes = entry.discard ? Buffer.alloc(length) : this.#bytes(entry.data + from, length);
    writeSync(fd, bytes, 0, length, entry.offset + from);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
