// The 512 bytes before an entry's content. Source: pax(1), ustar Interchange Format; GNU tar manual, Basic Tar Format.

import { DiffError } from '../errors.ts';
import { largest, octal, parseNumber, readNumber } from './numbers.ts';

/** All of a tar is in blocks of this many bytes. */
export const BLOCK = 512;

/** How far a number of bytes is from the end of its last block. */
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

/** A header as it is in its block. */
export interface Block extends Readonly<Record<NumberName, bigint>> {
  readonly name: string;
  readonly linkName: string;
  /** The letter of its type. */
  readonly type: string;
}

/** Whether a number fits into its field. */
export const fits = (name: NumberName, value: bigint): boolean =>
  value >= 0n && value <= largest(NUMBERS[name][1]);

/** The longest name and link name, bytes. */
export const NAME_MAX: number = TEXTS.name[1];

function checksum(block: Buffer): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) {
    sum += i >= CHECKSUM.start && i < CHECKSUM.end ? 0x20 : block[i]!;
  }
  return sum;
}

/** Write a header whose every field fits. */
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
  bytes.write(`${octal(BigInt(checksum(bytes)), 7)} `, CHECKSUM.start, 'latin1');
  return bytes;
}

function text(bytes: Buffer, [start, length]: readonly [number, number]): string {
  const field = bytes.toString('latin1', start, start + length);
  const end = field.indexOf('\0');
  return end === -1 ? field : field.slice(0, end);
}

/** Read a header. @throws DiffError */
export function decodeBlock(bytes: Buffer): Block {
  const said = readNumber(bytes.subarray(CHECKSUM.start, CHECKSUM.end));
  if (said !== BigInt(checksum(bytes))) {
    const problem = 'expected a header, got a block without its checksum';
    throw new DiffError({ code: 'ERR_DIFF_TAR', problem });
  }
  const numbers = names.map((name) => {
    const [start, length] = NUMBERS[name];
    return [name, parseNumber(bytes.subarray(start, start + length), name)] as const;
  });
  const isUstar = bytes.toString('latin1', MAGIC.start, MAGIC.end) === USTAR;
  const prefix = isUstar ? text(bytes, TEXTS.prefix) : '';
  const name = text(bytes, TEXTS.name);
  return {
    ...(Object.fromEntries(numbers) as Record<NumberName, bigint>),
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(bytes, TEXTS.linkName),
    type: String.fromCharCode(bytes[TYPE]!),
  };
}
