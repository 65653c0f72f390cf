// Sparse files: the old GNU form (type S), and GNU tar's PAX forms 0.0, 0.1 and 1.0, which bsdtar writes as well.
// Source: GNU tar manual, Storing Sparse Files; the rules for a valid map are Go's (archive/tar,
// validateSparseEntries).

import { DiffError } from '../tree/errors.ts';
import { BLOCK, isGnu } from './block.ts';
import { parseNumber, readDecimal } from './numbers.ts';
import type { PaxRecords } from './pax.ts';
import type { ByteSource } from './source.ts';
import { SPARSE } from './sparse-keys.ts';

/** A stretch of data in a file, between holes. */
export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** A file as its sparse map describes it. */
export interface SparseFile {
  /** In bytes, with holes. */
  readonly size: bigint;
  /** In order, without overlaps. */
  readonly stretches: readonly Stretch[];
}

/** The limit of stretches, which bounds the memory of a map to some MiB. */
const STRETCHES_MAX = 1024 ** 2;
/** The longest line in a map of form 1.0: 2^63-1 and a newline. */
const LINE_MAX = 20;

const bad = (entry: string, problem: string): DiffError =>
  new DiffError({ code: 'ERR_DIFF_ENTRY', entry, problem: `invalid sparse map: ${problem}` });

/** Collects and checks the stretches of one file. */
class Stretches {
  readonly all: Stretch[] = [];
  readonly #entry: string;
  readonly #size: bigint;
  #end = 0n;
  /** Bytes of data. */
  data = 0n;

  constructor(entry: string, size: bigint) {
    this.#entry = entry;
    this.#size = size;
    if (size < 0n || size > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw bad(entry, `expected a size from 0 to ${Number.MAX_SAFE_INTEGER}, got ${size}`);
    }
  }

  add(offset: bigint | undefined, length: bigint | undefined): void {
    if (offset === undefined || length === undefined || offset < 0n || length < 0n) {
      throw bad(this.#entry, `expected an offset and a length, got ${offset} and ${length}`);
    }
    if (offset < this.#end)
      throw bad(this.#entry, `expected an offset from ${this.#end}, got ${offset}`);
    this.#end = offset + length;
    if (this.#end > this.#size) {
      throw bad(
        this.#entry,
        `a stretch ends at ${this.#end}, beyond the file's ${this.#size} bytes`,
      );
    }
    this.data += length;
    if (length === 0n) return;
    checkCount(this.#entry, this.all.length + 1);
    this.all.push({ offset: Number(offset), length: Number(length) });
  }

  /** The sparse file. @throws DiffError when the stretches do not add up to `content` bytes */
  close(content: bigint): SparseFile {
    if (content !== this.data) {
      throw bad(this.#entry, `it describes ${this.data} bytes of data, but the tar has ${content}`);
    }
    return { size: this.#size, stretches: this.all };
  }
}

function checkCount(entry: string, count: number | bigint): void {
  if (count <= STRETCHES_MAX) return;
  throw bad(entry, `expected at most ${STRETCHES_MAX} stretches of data`);
}

/**
 * The positions of the stretches, 24 bytes each, and of the flag for more blocks, in a header and in a continuation
 * block.
 */
const IN_HEADER = { start: 386, count: 4, more: 482 } as const;
const IN_BLOCK = { start: 0, count: 21, more: 504 } as const;
const REAL_SIZE = [483, 495] as const;
const NUMBER = 12;

/** Reads the map of the old GNU form, in the header and the blocks after it. @throws DiffError */
export function readOldMap(
  source: ByteSource,
  entry: string,
  { header, content }: { readonly header: Buffer; readonly content: bigint },
): SparseFile {
  if (!isGnu(header)) throw bad(entry, 'expected a header of GNU tar');
  const size = parseNumber(header.subarray(...REAL_SIZE), 'the size of a sparse file');
  const stretches = new Stretches(entry, size);
  let [bytes, layout]: [Buffer, typeof IN_HEADER | typeof IN_BLOCK] = [header, IN_HEADER];
  for (let blocks = 0; ; blocks++) {
    checkCount(entry, blocks * IN_BLOCK.count);
    for (let i = 0; i < layout.count; i++) {
      const at = layout.start + i * 2 * NUMBER;
      if (bytes[at] === 0) break;
      const [offset, length] = [at, at + NUMBER].map((start) =>
        parseNumber(bytes.subarray(start, start + NUMBER), 'a sparse map'),
      );
      stretches.add(offset, length);
    }
    if (bytes[layout.more] === 0) return stretches.close(content);
    [bytes, layout] = [wholeBlock(source, entry), IN_BLOCK];
  }
}

function wholeBlock(source: ByteSource, entry: string): Buffer {
  const bytes = source.exactly(BLOCK);
  if (bytes) return bytes;
  throw new DiffError({ code: 'ERR_DIFF_TAR', entry, problem: 'the tar is cut short' });
}

/** The numbers of a map of form 1.0, one per line, in as many blocks as necessary. */
class Lines {
  readonly #source: ByteSource;
  readonly #entry: string;
  #text = '';
  #at = 0;
  /** The bytes of content that the map takes. */
  taken = 0n;

  constructor(source: ByteSource, entry: string) {
    this.#source = source;
    this.#entry = entry;
  }

  next(content: bigint): bigint | undefined {
    let end = this.#text.indexOf('\n', this.#at);
    while (end === -1) {
      this.#text = this.#text.slice(this.#at);
      this.#at = 0;
      if (this.#text.length > LINE_MAX) throw bad(this.#entry, 'expected a number and a newline');
      this.taken += BigInt(BLOCK);
      if (this.taken > content) throw bad(this.#entry, 'it is longer than the content');
      const block = wholeBlock(this.#source, this.#entry);
      this.#text += block.toString('latin1');
      end = this.#text.indexOf('\n');
    }
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return readDecimal(line);
  }
}

function readMap1(
  source: ByteSource,
  entry: string,
  { size, content }: { readonly size: bigint; readonly content: bigint },
): SparseFile {
  const stretches = new Stretches(entry, size);
  const lines = new Lines(source, entry);
  const count = lines.next(content);
  if (count === undefined || count < 0n) throw bad(entry, 'expected the number of stretches');
  checkCount(entry, count);
  for (let i = 0; i < count; i++) {
    stretches.add(lines.next(content), lines.next(content));
  }
  return stretches.close(content - lines.taken);
}

function readMap0(
  records: PaxRecords,
  entry: string,
  { size, content }: { readonly size: bigint; readonly content: bigint },
): SparseFile {
  const stretches = new Stretches(entry, size);
  const map = records.get(SPARSE.map) ?? '';
  const numbers = map === '' ? [] : map.split(',');
  const count = readDecimal(records.get(SPARSE.numBlocks) ?? '');
  if (count === undefined) throw bad(entry, `expected a decimal ${SPARSE.numBlocks}`);
  if (BigInt(numbers.length) !== 2n * count) {
    throw bad(
      entry,
      `expected ${count} pairs of an offset and a length, got ${numbers.length} numbers`,
    );
  }
  for (let i = 0; i < numbers.length; i += 2) {
    stretches.add(readDecimal(numbers[i]!), readDecimal(numbers[i + 1]!));
  }
  return stretches.close(content);
}

/** The form of the records; `undefined` for a file that is not sparse. */
function formOf(records: PaxRecords, entry: string): 0 | 1 | undefined {
  const version = [SPARSE.major, SPARSE.minor].map((key) => records.get(key) || '').join('.');
  switch (version) {
    case '0.0':
    case '0.1':
      return 0;
    case '1.0':
      return 1;
    case '.':
      return records.get(SPARSE.map) || records.get(SPARSE.numBlocks) ? 0 : undefined;
    default:
      throw bad(
        entry,
        `expected form 0.0, 0.1 or 1.0, got ${JSON.stringify(version.slice(0, 100))}`,
      );
  }
}

/**
 * Reads the map in PAX records or at the beginning of the content; `undefined` for a file that is not sparse.
 * @throws DiffError
 */
export function readPaxMap(
  source: ByteSource,
  entry: string,
  { records, content }: { readonly records: PaxRecords; readonly content: bigint },
): SparseFile | undefined {
  const form = formOf(records, entry);
  if (form === undefined) return undefined;
  const text = records.get(SPARSE.size) || records.get(SPARSE.realSize);
  const size = text ? readDecimal(text) : content;
  if (size === undefined)
    throw bad(entry, `expected a size, got ${JSON.stringify(text?.slice(0, 100))}`);
  const file = { size, content };
  return form === 1 ? readMap1(source, entry, file) : readMap0(records, entry, file);
}
