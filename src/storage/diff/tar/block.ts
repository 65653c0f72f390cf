// The 512-byte header of an entry. Source: pax(1), ustar Interchange Format; GNU tar manual, Basic Tar Format.

import { DiffError } from '../tree/errors.ts';
import { largest, octal, parseNumber, readNumber } from './numbers.ts';

/** The size of a tar's blocks, in bytes. */
export const BLOCK = 512;

/** The bytes between the end of some content and the end of its last block. */
export const padding = (size: bigint): number => Number((512n - (size % 512n)) % 512n);

const NUMBERS = {
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  major: [329, 8],
  minor: [337, 8],
} as const;
type NumberName = keyof typeof NUMBERS;
const names = Object.keys(NUMBERS) as NumberName[];

const TEXTS = { name: [0, 100], linkName: [157, 100], prefix: [345, 155] } as const;
const CHECKSUM = { start: 148, end: 156 } as const;
const TYPE = 156;
const MAGIC = { start: 257, end: 265 } as const;
const USTAR = 'ustar\x0000';
/** GNU tar's own format. It has times and a sparse map in the place of ustar's prefix. */
const GNU = 'ustar  \0';
const GNU_TIMES = [345, 357] as const;
/** The mark at the end of star's headers, which have a shorter prefix. */
const STAR = { mark: 'tar\0', at: 508, prefix: [345, 131] } as const;

/** A header, as its block has it. */
export interface Block extends Readonly<Record<NumberName, bigint>> {
  readonly name: string;
  readonly linkName: string;
  /** The type letter. */
  readonly type: string;
}

/** Whether a number fits into its header field. */
export const fits = (name: NumberName, value: bigint): boolean =>
  value >= 0n && value <= largest(NUMBERS[name][1]);

/** The longest name and link name, in bytes. */
export const NAME_MAX: number = TEXTS.name[1];

/** The sums of all bytes, as unsigned and as signed numbers: old tars of Sun use the latter. */
function checksums(block: Buffer): readonly [unsigned: number, signed: number] {
  let [unsigned, signed] = [0, 0];
  for (let i = 0; i < BLOCK; i++) {
    const byte = i >= CHECKSUM.start && i < CHECKSUM.end ? 0x20 : block[i]!;
    unsigned += byte;
    signed += byte < 0x80 ? byte : byte - 0x100;
  }
  return [unsigned, signed];
}

/** Encodes a header. Every field must fit. */
export function encodeBlock(block: Block): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  bytes.write(block.name, TEXTS.name[0], 'latin1');
  bytes.write(block.linkName, TEXTS.linkName[0], 'latin1');
  for (const name of names) {
    const [start, length] = NUMBERS[name];
    bytes.write(octal(block[name], length), start, 'latin1');
  }
  bytes.write(block.type, TYPE, 'latin1');
  bytes.write(USTAR, MAGIC.start, 'latin1');
  bytes.write(`${octal(BigInt(checksums(bytes)[0]), 7)} `, CHECKSUM.start, 'latin1');
  return bytes;
}

function text(bytes: Buffer, [start, length]: readonly [number, number]): string {
  const field = bytes.toString('latin1', start, start + length);
  const end = field.indexOf('\0');
  return end === -1 ? field : field.slice(0, end);
}

/** Whether a header is in GNU tar's own format. */
export const isGnu = (bytes: Buffer): boolean =>
  bytes.toString('latin1', MAGIC.start, MAGIC.end) === GNU;

/** The prefix that Go before 1.8 wrote into GNU headers, as text in the place of the times. */
function prefixInGnu(bytes: Buffer): string {
  const times = GNU_TIMES.map((at) => bytes.subarray(at, at + 12));
  if (times.every((field) => readNumber(field) !== undefined)) return '';
  const prefix = text(bytes, TEXTS.prefix);
  return [...prefix].every((character) => character < '\x80') ? prefix : '';
}

/** The prefix of the name. */
function prefixOf(bytes: Buffer): string {
  if (isGnu(bytes)) return prefixInGnu(bytes);
  // Writers differ in the version field that follows.
  if (bytes.toString('latin1', MAGIC.start, MAGIC.start + 6) !== 'ustar\0') return '';
  const isStar = bytes.toString('latin1', STAR.at) === STAR.mark;
  return text(bytes, isStar ? STAR.prefix : TEXTS.prefix);
}

const DEVICES = '34';

/** Decodes a header. @throws DiffError */
export function decodeBlock(bytes: Buffer): Block {
  const said = readNumber(bytes.subarray(CHECKSUM.start, CHECKSUM.end));
  if (!checksums(bytes).some((sum) => said === BigInt(sum))) {
    const problem = 'expected a header, got a block with a wrong checksum';
    throw new DiffError({ code: 'ERR_DIFF_TAR', problem });
  }
  const type = String.fromCharCode(bytes[TYPE]!);
  const numbers = names.map((name) => {
    // Formats before ustar have no device numbers, and any bytes in their place.
    const used = (name !== 'major' && name !== 'minor') || DEVICES.includes(type);
    const [start, length] = NUMBERS[name];
    return [name, used ? parseNumber(bytes.subarray(start, start + length), name) : 0n] as const;
  });
  const prefix = prefixOf(bytes);
  const name = text(bytes, TEXTS.name);
  return {
    ...(Object.fromEntries(numbers) as Record<NumberName, bigint>),
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(bytes, TEXTS.linkName),
    type,
  };
}
