// Raw requests, byte for byte: requests that the library never sends, and exact replies to those that it sends.

import { type DmHeader, dmIoctl } from '../../../src/dm/wire/abi.ts';
import type { Transport, TransportCall } from '../../../src/dm/wire/transport.ts';
import { errnoCode } from '../../../src/ioctl/libc/errno.ts';
import type { DmCommand } from '../../../src/testing/index.ts';

/** A header without flags or a device, with space for a small payload. */
export const EMPTY: DmHeader = {
  version: [4, 0, 0],
  dataSize: 512,
  dataStart: 312,
  targetCount: 0,
  openCount: 0,
  flags: 0,
  eventNr: 0,
  dev: 0n,
  name: '',
  uuid: '',
};

/** For a larger `dataSize`, only the field is larger, not the buffer. */
const BUFFER_MAX = 1 << 20;

/** The outcome of a raw request. */
export interface RawReply {
  readonly errno: number;
  /** The buffer as the kernel left it. */
  readonly buffer: Buffer;
}

/** Make a raw request. */
export async function rawReply(
  kernel: Transport,
  command: Pick<DmCommand, 'request'>,
  header: Partial<DmHeader> = {},
  payload: string | Buffer = '',
  { blocks = 'no', signal }: Partial<Pick<TransportCall, 'blocks' | 'signal'>> = {},
): Promise<RawReply> {
  const full = { ...EMPTY, ...header };
  const bytes = Buffer.from(payload as string, 'latin1');
  const size = Math.min(full.dataSize, BUFFER_MAX);
  const whole = Buffer.alloc(Math.max(size, dmIoctl.size, full.dataStart + bytes.length));
  dmIoctl.encodeInto(full, whole);
  bytes.copy(whole, full.dataStart);
  const buffer = whole.subarray(0, size);
  return kernel.ioctl({ request: command.request, buffer, blocks, signal });
}

/** The header of a buffer of any length. */
export const headerOf = (buffer: Buffer): DmHeader =>
  dmIoctl.decode(Buffer.concat([buffer, Buffer.alloc(dmIoctl.size)]));

/** Make a raw request. @returns the header of the reply, or the errno */
export async function raw(...call: Parameters<typeof rawReply>): Promise<DmHeader | string> {
  const { errno, buffer } = await rawReply(...call);
  return errno === 0 ? headerOf(buffer) : errnoCode(errno);
}
