// Sends every device-mapper request, and checks every reply.

import { attempt } from '../../ioctl/input/attempt.ts';
import type { KernelLog } from '../../ioctl/kernel/kmsg.ts';
import { errnoNumber } from '../../ioctl/libc/errno.ts';
import { align8, DM_HEADER_MIN, type DmHeader, dmIoctl, type Version } from './abi.ts';
import { Dm, type DmCommand } from './commands.ts';
import { debugReply, debugRequest } from './debug.ts';
import type { Selector } from './device-ref.ts';
import { DmError, InputError, ReplyError } from './errors.ts';
import { DmFlag, flagWords } from './flags.ts';
import { hintFor } from './hints.ts';
import { isDeviceMappers, kernelReason } from './kernel-reason.ts';
import type { Transport, TransportReply } from './transport.ts';

/** The contents of a request. All other header fields are zero. */
export interface DmRequest {
  readonly selector?: Partial<Selector>;
  readonly flags?: number;
  readonly eventNr?: number;
  readonly targetCount?: number;
  /** The payload after the header. */
  readonly payload?: Buffer;
  /** Whether this request may sleep; overrides the command's own value. */
  readonly blocks?: DmCommand['blocks'] | undefined;
  /** The payload as text for the debug output, without keys. */
  readonly detail?: () => string;
  readonly signal?: AbortSignal | undefined;
}

/** A reply with checked bounds. */
export interface DmReply {
  readonly header: DmHeader;
  /** The payload after the header; may be empty. */
  readonly data: Buffer;
}

/** The initial buffer size for a reply of unknown size, as in libdevmapper. */
const PAYLOAD_BUFFER = 16 * 1024;
/** The kernel's maximum buffer size. */
const BUFFER_MAX = 1024 ** 3;

const EINTR = errnoNumber('EINTR');
const ENOTTY = errnoNumber('ENOTTY');

const isSecret = ({ flags = 0 }: DmRequest): boolean => (flags & DmFlag.SECURE_DATA) !== 0;

/** Overwrites bytes that may hold a key, unless they are transferred to a thread. */
function wipe(bytes: Buffer | undefined): void {
  if (bytes && bytes.byteLength > 0) bytes.fill(0);
}

/** Issues device-mapper commands on a transport. Remembers the kernel's version and sufficient buffer sizes. */
export class Control {
  readonly #transport: Transport;
  readonly #sizes = new Map<DmCommand, number>();
  #version: Version | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The kernel's interface version; known after the first reply. */
  get version(): Version | undefined {
    return this.#version;
  }

  close(): void {
    this.#transport.close();
  }

  /**
   * Sends one command and checks its reply.
   * @throws DmError if the kernel fails the call; ReplyError for an inconsistent reply; the signal's reason after an
   * abort
   */
  async send(command: DmCommand, request: DmRequest = {}): Promise<DmReply> {
    let log: KernelLog | undefined;
    try {
      this.#check(command, request);
      log = command.logsReason ? this.#transport.openLog?.() : undefined;
      return await this.#sendGrowing(command, request, log);
    } finally {
      log?.close();
      // `#sendOnce` wipes each request that is built from it.
      if (isSecret(request)) wipe(request.payload);
    }
  }

  #check(command: DmCommand, { flags = 0, payload }: DmRequest): void {
    const surplus = flags & ~command.flags;
    if (surplus !== 0) {
      throw new InputError({
        field: 'flags',
        expected: `only flags of ${command.name} (${flagWords(command.flags).join(', ') || 'none'})`,
        received: flagWords(flags).join('|'),
      });
    }
    if (dmIoctl.size + (payload?.length ?? 0) > BUFFER_MAX) {
      throw new InputError({ field: 'payload', expected: `less than ${BUFFER_MAX} bytes` });
    }
    const [, minor] = command.since;
    if (this.#version && this.#version[1] < minor) {
      throw new DmError({
        errno: ENOTTY,
        command: command.name,
        hint: `The command requires interface version 4.${minor}, and this kernel has ${this.#version.join('.')}`,
      });
    }
  }

  async #sendGrowing(
    command: DmCommand,
    request: DmRequest,
    log: KernelLog | undefined,
  ): Promise<DmReply> {
    let size = this.#firstSize(command, request);
    for (;;) {
      // A transport may ignore the signal if a call cannot be interrupted.
      request.signal?.throwIfAborted();
      const { errno, buffer, threaded } = await this.#sendOnce(command, request, size);
      if (errno === EINTR) {
        request.signal?.throwIfAborted();
        if (threaded) continue;
      }
      if (errno !== 0) throw await this.#failure(command, request, errno, log);
      const reply = this.#open(command, buffer);
      if ((reply.header.flags & DmFlag.BUFFER_FULL) === 0) {
        this.#remember(command, reply, size);
        return reply;
      }
      if (size >= BUFFER_MAX) throw new ReplyError(`${command.name}: the reply exceeds 1 GiB`);
      size = Math.min(size * 2, BUFFER_MAX);
    }
  }

  #firstSize(command: DmCommand, { payload }: DmRequest): number {
    const needed = align8(dmIoctl.size + (payload?.length ?? 0));
    if (command.reply !== 'payload') return needed;
    return Math.max(needed, this.#sizes.get(command) ?? PAYLOAD_BUFFER);
  }

  /**
   * Remembers the size that sufficed plus some headroom: the kernel zeroes and copies the whole buffer on each call.
   */
  #remember(command: DmCommand, { header }: DmReply, size: number): void {
    if (command.reply !== 'payload') return;
    const roomy = align8(Math.ceil(header.dataSize * 1.25));
    this.#sizes.set(command, Math.min(size, Math.max(PAYLOAD_BUFFER, roomy)));
  }

  async #sendOnce(command: DmCommand, request: DmRequest, size: number): Promise<TransportReply> {
    const { selector = {}, flags = 0, eventNr = 0, targetCount = 0, payload, signal } = request;
    const header: DmHeader = {
      version: command.since,
      dataSize: size,
      dataStart: dmIoctl.size,
      targetCount,
      openCount: 0,
      flags,
      eventNr,
      dev: selector.dev ?? 0n,
      name: selector.name ?? '',
      uuid: selector.uuid ?? '',
    };
    const buffer = Buffer.alloc(size);
    dmIoctl.encodeInto(header, buffer);
    if (payload) buffer.set(payload, dmIoctl.size);
    debugRequest(command.name, header, request.detail);
    let reply: TransportReply | undefined;
    try {
      reply = await this.#transport.ioctl({
        request: command.request,
        buffer,
        blocks: request.blocks ?? command.blocks,
        signal,
      });
      return reply;
    } finally {
      // The kernel wipes a request that it accepts, and writes the reply into it. A failed one may not have reached it.
      const answer = reply?.errno === 0 ? reply.buffer : undefined;
      if (isSecret(request)) {
        for (const bytes of [buffer, reply?.buffer]) if (bytes !== answer) wipe(bytes);
      }
    }
  }

  /** Checks the header of a reply and returns its payload. */
  #open(command: DmCommand, buffer: Buffer): DmReply {
    const header = dmIoctl.decode(buffer);
    debugReply(command.name, 0, command.reply === 'version' ? undefined : header);
    if (header.version[0] !== 4) {
      throw new ReplyError(
        `${command.name}: expected interface version 4, got ${header.version.join('.')}`,
      );
    }
    this.#version = header.version;
    const none = buffer.subarray(0, 0);
    if (command.reply !== 'payload') return { header, data: none };
    const { dataSize, dataStart } = header;
    if (dataSize < DM_HEADER_MIN || dataSize > buffer.length || dataStart < DM_HEADER_MIN) {
      throw new ReplyError(
        `${command.name}: expected a payload within ${buffer.length} bytes, got offsets ${dataStart} to ${dataSize}`,
      );
    }
    return { header, data: dataSize > dataStart ? buffer.subarray(dataStart, dataSize) : none };
  }

  async #failure(
    command: DmCommand,
    { selector = {}, flags = 0 }: DmRequest,
    errno: number,
    log: KernelLog | undefined,
  ): Promise<DmError> {
    debugReply(command.name, errno, undefined);
    const lines = ((await attempt(() => log?.read())) ?? []).filter(isDeviceMappers);
    const dev = lines.length > 0 ? await this.#devOf(selector) : undefined;
    return new DmError({
      errno,
      command: command.name,
      device: selector.label,
      flags: flagWords(flags),
      reason: kernelReason(lines, dev),
      hint: hintFor(command, errno),
    });
  }

  /** The device number, which identifies a device in the kernel log. */
  async #devOf(selector: Partial<Selector>): Promise<bigint | undefined> {
    if (selector.dev !== undefined) return selector.dev;
    // A missing device has no number: then every new line is a candidate.
    const reply = await attempt(() => this.send(Dm.DEV_STATUS, { selector }));
    return reply?.header.dev;
  }
}
