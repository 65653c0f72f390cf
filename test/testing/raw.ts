// Requests made by hand, byte for byte: what the library would never send, and what comes back of what it does.

import { type DmHeader, dmIoctl } from '../../src/dm/abi.ts';
import type { Transport, TransportCall } from '../../src/dm/transport.ts';
import { errnoCode } from '../../src/ioctl/errno.ts';
import type { DmCommand } from '../../src/testing/index.ts';

/** A header that asks for nothing, with room for a small payload. */
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

/** Larger buffers are only said to be so large. */
const BUFFER_MAX = 1 << 20;

/** What a request made by hand came to. */
export interface RawReply {
  readonly errno: number;
  /** The buffer as the kernel left it. */
  readonly buffer: Buffer;
}

/** Issue a command by hand. */
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

/** The header of a buffer, however short it is. */
export const headerOf = (buffer: Buffer): DmHeader =>
  dmIoctl.decode(Buffer.concat([buffer, Buffer.alloc(dmIoctl.size)]));

/** Issue a command by hand: the header that comes back, or the errno. */
export async function raw(...call: Parameters<typeof rawReply>): Promise<DmHeader | string> {
  const { errno, buffer } = await rawReply(...call);
  return errno === 0 ? headerOf(buffer) : errnoCode(errno);
}
