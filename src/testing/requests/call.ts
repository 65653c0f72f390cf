// One call in the kernel: its parameters, which the command changes, and its reply.
// Source: ctl_ioctl, validate_params and get_result_buffer in drivers/md/dm-ioctl.c.

import {
  align8,
  DM_HEADER_MIN,
  DM_NAME_LEN,
  DM_UUID_LEN,
  type DmHeader,
  dmIoctl,
  type Version,
} from '../../dm/wire/abi.ts';
import { DmFlag } from '../../dm/wire/flags.ts';
import { memoryOf } from '../../ioctl/struct/record.ts';

/** `struct dm_ioctl`, which a command changes. */
export type Parameters = { -readonly [K in keyof DmHeader]: DmHeader[K] };

const CLEARED = DmFlag.BUFFER_FULL | DmFlag.UEVENT_GENERATED | DmFlag.SECURE_DATA | DmFlag.DATA_OUT;

/** A call. */
export class Call {
  readonly param: Parameters;
  /** The request up to its `data_size`. */
  readonly request: Buffer;
  readonly signal: AbortSignal | undefined;
  readonly #kernel: Version;
  #payload: Buffer = Buffer.alloc(0);

  constructor(request: Buffer, kernel: Version, signal: AbortSignal | undefined) {
    const header = dmIoctl.decode(request.length < dmIoctl.size ? padded(request) : request);
    this.request = request.subarray(0, header.dataSize);
    this.signal = signal;
    this.#kernel = kernel;
    this.param = {
      ...header,
      flags: (header.flags & ~CLEARED) >>> 0,
      // The kernel overwrites the last byte with NUL.
      name: header.name.slice(0, DM_NAME_LEN - 1),
      uuid: header.uuid.slice(0, DM_UUID_LEN - 1),
      dataSize: DM_HEADER_MIN,
    };
  }

  has(flag: number): boolean {
    return (this.param.flags & flag) !== 0;
  }

  /** Sets or clears a flag of the reply. */
  flag(flag: number, on: boolean): void {
    this.param.flags = (on ? this.param.flags | flag : this.param.flags & ~flag) >>> 0;
  }

  /** `get_result_buffer`: set `data_start` and return the number of bytes available for a payload. */
  resultRoom(): number {
    this.param.dataStart = Math.min(align8(dmIoctl.size), this.request.length);
    return this.request.length - this.param.dataStart;
  }

  /** Sets the payload at `data_start`. `used` is the number of its valid bytes. */
  answer(payload: Buffer, used: number = payload.length): void {
    this.#payload = payload;
    this.param.dataSize = this.param.dataStart + used;
  }

  /** Sets the payload if it fits, otherwise BUFFER_FULL. */
  answerWhole(payload: Buffer): void {
    if (this.resultRoom() < payload.length) this.flag(DmFlag.BUFFER_FULL, true);
    else this.answer(payload);
  }

  /** The caller's buffer after a success: the kernel copies `data_size` bytes and always the version. */
  reply(): Buffer {
    const { dataSize, dataStart } = this.param;
    const head = Buffer.alloc(dmIoctl.size);
    dmIoctl.encodeInto({ ...this.param, version: this.#kernel }, head);
    const after = withVersion(this.request, this.#kernel);
    head.copy(after, 0, 0, dataSize);
    this.#payload.copy(after, dataStart, 0, Math.max(0, dataSize - dataStart));
    return after;
  }
}

/** A copy with the size of the header: a request may end before the last, unused bytes of the header. */
const padded = (request: Buffer): Buffer =>
  Buffer.concat([request, Buffer.alloc(Math.max(0, dmIoctl.size - request.length))]);

/** The caller's buffer after a failure or a version mismatch: only the kernel's version is new. */
export function withVersion(request: Buffer, kernel: Version): Buffer {
  const after = Buffer.from(request);
  dmIoctl.fields.version.write(memoryOf(after), 0, kernel, 'version');
  return after;
}
