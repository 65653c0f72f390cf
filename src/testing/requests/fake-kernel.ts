// A kernel that is a function from a request to a reply or an errno.

import { type DmHeader, dmIoctl } from '../../dm/wire/abi.ts';
import { commandsByNumber, type DmCommand } from '../../dm/wire/commands.ts';
import { DmFlag } from '../../dm/wire/flags.ts';
import type { Transport, TransportCall, TransportReply } from '../../dm/wire/transport.ts';
import { onAbort } from '../../ioctl/input/on-abort.ts';
import { errnoNumber } from '../../ioctl/libc/errno.ts';

/** A request as the kernel receives it. Strings have one character per byte. */
export interface FakeRequest {
  readonly command: DmCommand;
  readonly header: DmHeader;
  /** The bytes after the header. */
  readonly payload: Buffer;
  /** The whole request buffer. */
  readonly buffer: Buffer;
  readonly signal: AbortSignal | undefined;
}

/**
 * An errno code such as `'EBUSY'`, or header fields and a payload. If the payload does not fit the buffer, the reply is
 * the kernel's: BUFFER_FULL and no data.
 */
export type FakeReply = string | (Partial<DmHeader> & { readonly payload?: Buffer });

/** A kernel: returns the reply to each request. */
export type KernelFunction = (request: FakeRequest) => FakeReply | Promise<FakeReply>;

/** Default interface version of the replies. */
const FAKE_VERSION = [4, 50, 0] as const;

/** Waits for an event that never occurs; an abort ends the wait. */
const noEvent = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    onAbort(signal, () => reject(signal?.reason));
  });

/**
 * A transport for `DeviceMapper.open({ transport })` that calls `kernel` for each request. The header of a reply is that
 * of the request with the kernel's version, changed by the fields of the reply. `event` resolves at an event, for
 * `DeviceMapper.watch`; by default no event occurs.
 */
export function fakeKernel(
  kernel: KernelFunction,
  { event = noEvent }: { readonly event?: Transport['event'] } = {},
): Transport {
  return {
    event,
    ioctl: async ({ request, buffer, signal }: TransportCall): Promise<TransportReply> => {
      const command = commandsByNumber.get(request & 0xff);
      if (command === undefined) return { errno: errnoNumber('ENOTTY'), buffer };
      const header = dmIoctl.decode(buffer);
      const payload = buffer.subarray(header.dataStart);
      const reply = await kernel({ command, header, payload, buffer, signal });
      if (typeof reply === 'string') return { errno: errnoNumber(reply), buffer };
      return { errno: 0, buffer: encodeReply(header, reply, buffer.length) };
    },
    close: () => undefined,
  };
}

function encodeReply(
  request: DmHeader,
  { payload = Buffer.alloc(0), ...fields }: Exclude<FakeReply, string>,
  room: number,
): Buffer {
  const buffer = Buffer.alloc(room);
  const fits = dmIoctl.size + payload.length <= room;
  const header: DmHeader = {
    ...request,
    version: FAKE_VERSION,
    dataStart: dmIoctl.size,
    dataSize: fits ? dmIoctl.size + payload.length : 305,
    eventNr: 0,
    ...fields,
    flags: ((fields.flags ?? request.flags) | (fits ? 0 : DmFlag.BUFFER_FULL)) >>> 0,
  };
  dmIoctl.encodeInto(header, buffer);
  if (fits) buffer.set(payload, dmIoctl.size);
  return buffer;
}
