// Payloads as drivers/md/dm-ioctl.c writes them. This file shares no code with the parsers, so that the two can be
// compared.

import { endianness } from 'node:os';

const LITTLE = endianness() === 'LE';

/** Bytes with integers in the kernel's byte order. */
class Bytes {
  #bytes = new Uint8Array(0);

  get length(): number {
    return this.#bytes.length;
  }

  #room(end: number): DataView {
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(end);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return new DataView(this.#bytes.buffer);
  }

  u32(at: number, value: number): void {
    this.#room(at + 4).setUint32(at, value, LITTLE);
  }

  u64(at: number, value: bigint): void {
    this.#room(at + 8).setBigUint64(at, value, LITTLE);
  }

  /** Write a string and its NUL. @returns the offset after them */
  string(at: number, text: string): number {
    const bytes = Buffer.from(`${text}\0`, 'latin1');
    this.#room(at + bytes.length);
    this.#bytes.set(bytes, at);
    return at + bytes.length;
  }

  done(): Buffer {
    return Buffer.from(this.#bytes);
  }
}

const aligned = (at: number): number => (at + 7) & ~7;

/** A device of the list. Strings have one character per byte. */
export interface ListedDevice {
  readonly name: string;
  readonly dev: bigint;
  readonly eventNr: number;
  readonly uuid: string | undefined;
}

/** Content of the list: `'plain'` before interface 4.37, `'events'` since then, `'uuids'` on request. */
export type ListForm = 'plain' | 'events' | 'uuids';

/** list_devices() */
export function nameList(devices: readonly ListedDevice[], form: ListForm = 'uuids'): Buffer {
  const bytes = new Bytes();
  let at = 0;
  devices.forEach(({ name, dev, eventNr, uuid }, i) => {
    bytes.u64(at, dev);
    bytes.u32(at + 8, 0);
    let end = aligned(bytes.string(at + 12, name));
    if (form !== 'plain') {
      bytes.u32(end, eventNr);
      bytes.u32(end + 4, form === 'events' ? 0 : uuid === undefined ? 2 : 1);
      end += 8;
      if (form === 'uuids' && uuid !== undefined) end = aligned(bytes.string(end, uuid));
    }
    if (i < devices.length - 1) bytes.u32(at + 8, end - at);
    at = end;
  });
  return bytes.done();
}

/** The older form of an empty list: one struct with device number 0. */
export const emptyNameList: Buffer = Buffer.alloc(16);

/** A target type of the list of versions. */
export interface ListedVersion {
  readonly name: string;
  readonly version: readonly [number, number, number];
}

/** list_versions() */
export function versionList(versions: readonly ListedVersion[]): Buffer {
  const bytes = new Bytes();
  let at = 0;
  versions.forEach(({ name, version }, i) => {
    version.forEach((part, j) => {
      bytes.u32(at + 4 + 4 * j, part);
    });
    const end = aligned(bytes.string(at + 16, name));
    bytes.u32(at, i < versions.length - 1 ? end - at : 0);
    at = end;
  });
  return bytes.done();
}

/** A target of a status. Strings have one character per byte. */
export interface ListedTarget {
  readonly start: bigint;
  readonly length: bigint;
  readonly type: string;
  readonly params: string;
}

/** retrieve_status(): `next` counts from the first struct, and the last struct has one as well. */
export function targetList(targets: readonly ListedTarget[]): Buffer {
  const bytes = new Bytes();
  let at = 0;
  targets.forEach(({ start, length, type, params }) => {
    bytes.u64(at, start);
    bytes.u64(at + 8, length);
    bytes.u32(at + 16, 0);
    bytes.string(at + 24, type.padEnd(15, '\0'));
    const end = aligned(bytes.string(at + 40, params));
    bytes.u32(at + 20, end);
    at = end;
  });
  return bytes.done();
}

/** retrieve_deps() */
export function depsList(devs: readonly bigint[]): Buffer {
  const bytes = new Bytes();
  bytes.u32(0, devs.length);
  bytes.u32(4, 0);
  devs.forEach((dev, i) => {
    bytes.u64(8 + 8 * i, dev);
  });
  return bytes.done();
}

/** The reply to a message. */
export const messageText = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf8');
