// Reads the entries of a tar: ustar, PAX, GNU's long names and sparse forms, and the format before ustar.

import { DiffError } from '../tree/errors.ts';
import { BLOCK, type Block, decodeBlock, padding } from './block.ts';
import { contentOf, cutShort, type Piece } from './content.ts';
import { ALL_XATTRS, type EntryType, type TarEntry, TYPE_FLAGS, XATTR } from './entry.ts';
import { type PaxRecords, parsePax, parseTime, parseWhole } from './pax.ts';
import type { ByteSource } from './source.ts';
import { readOldMap, readPaxMap } from './sparse.ts';
import { SPARSE } from './sparse-keys.ts';

/** The largest extended header or long name, in bytes. Go's reader has the same limit. */
const HEADER_MAX = 1024n ** 2n;
const NS = 1_000_000_000n;
const EMPTY = Buffer.alloc(BLOCK);
/** The largest id. chown(2) takes the next one, -1, for "no change". */
const ID_MAX = 0xffff_fffen;
const ID_BITS = 32;
/** The smallest id that a writer with signed 32-bit numbers can write. */
const ID_MIN = -(2n ** 31n);
const SIZE_MAX = 2n ** 63n - 1n;
/** The range of times, in nanoseconds: signed 64-bit seconds. */
const TIME_MIN = -(2n ** 63n) * NS;
const TIME_END = 2n ** 63n * NS;

const types: ReadonlyMap<string, EntryType> = new Map<string, EntryType>([
  ...(Object.entries(TYPE_FLAGS) as [EntryType, string][]).map(
    ([type, flag]): [string, EntryType] => [flag, type],
  ),
  ['\0', 'file'],
  ['7', 'file'],
  // GNU tar's types: a sparse file, and a directory with a list of its content.
  ['S', 'file'],
  ['D', 'directory'],
]);

/** Types without content, whatever size their header has. Source: Go's isHeaderOnlyType, GNU tar's skip_member. */
const NO_CONTENT: readonly EntryType[] = [
  'link',
  'symlink',
  'character-device',
  'block-device',
  'fifo',
];

/** The type letters of directories without content. A file whose name ends with a slash has content. */
const DIRECTORY_LETTERS: readonly string[] = [TYPE_FLAGS.directory, '\0'];

/** The extended headers before an entry. */
interface Extended {
  records: PaxRecords;
  longName?: string;
  longLinkName?: string;
}

const bad = (entry: string, problem: string): DiffError =>
  new DiffError({ code: 'ERR_DIFF_ENTRY', entry, problem });

function typeOf({ type: letter }: Block, path: string): EntryType {
  const type = types.get(letter);
  if (type === undefined) throw bad(path, `unknown type ${JSON.stringify(letter)}`);
  return type === 'file' && path.endsWith('/') ? 'directory' : type;
}

function inRange(path: string, what: string, value: bigint, max: bigint): bigint {
  if (value >= 0n && value <= max) return value;
  throw bad(path, `expected ${what} from 0 to ${max}, got ${value}`);
}

/** A user or group id. Writers with signed ids write -2 for the user nobody. */
function toId(path: string, what: string, value: bigint): number {
  const id = value >= ID_MIN && value < -1n ? BigInt.asUintN(ID_BITS, value) : value;
  return Number(inRange(path, what, id, ID_MAX));
}

/**
 * Checks that a time, in nanoseconds, fits into the seconds of utimensat(2): other times are refused, as by Go and GNU tar. The
 * kernel sets a time that the filesystem cannot store to the nearest one that it can.
 */
function toTime(path: string, time: bigint): bigint {
  if (time >= TIME_MIN && time < TIME_END) return time;
  throw bad(path, `expected mtime within 64 bits, got ${time / NS}`);
}

/** The entry that the headers describe, and the bytes of content that follow. */
function toEntry(
  block: Block,
  { records, longName, longLinkName }: Extended,
): { readonly entry: TarEntry; readonly content: bigint } {
  const path = records.get(SPARSE.name) || records.get('path') || longName || block.name;
  const linkPath = records.get('linkpath') || longLinkName || block.linkName;
  for (const text of [path, linkPath]) {
    if (text.includes('\0')) throw bad(path, 'invalid path: it contains NUL');
  }
  const type = typeOf(block, path);
  const number = (key: 'uid' | 'gid' | 'size'): bigint => {
    const record = records.get(key);
    return record ? parseWhole(record, key) : block[key];
  };
  const mtime = records.get('mtime');
  const size = inRange(path, 'size', number('size'), SIZE_MAX);
  const xattrs = [...records].filter(([key]) => key.startsWith(XATTR));
  const entry: TarEntry = {
    type,
    path,
    linkPath,
    mode: Number(block.mode & 0o7777n),
    uid: toId(path, 'uid', number('uid')),
    gid: toId(path, 'gid', number('gid')),
    size: type === 'file' ? size : 0n,
    mtime: toTime(path, mtime ? parseTime(mtime) : block.mtime * NS),
    major: inRange(path, 'major number', block.major, 0xffff_ffffn),
    minor: inRange(path, 'minor number', block.minor, 0xffff_ffffn),
    xattrs: new Map(
      xattrs.map(([key, value]) => [key.slice(XATTR.length), Buffer.from(value, 'latin1')]),
    ),
    allXattrs: records.has(ALL_XATTRS),
  };
  return { entry, content: hasContent(block, type) ? size : 0n };
}

const hasContent = ({ type: letter }: Block, type: EntryType): boolean =>
  type === 'directory' ? !DIRECTORY_LETTERS.includes(letter) : !NO_CONTENT.includes(type);

/** The content of an extended header. */
function headerContent(source: ByteSource, { size, name }: Block): Buffer {
  if (size < 0n || size > HEADER_MAX)
    throw bad(name, `expected an extended header of at most ${HEADER_MAX} bytes, got ${size}`);
  if (size === 0n) return Buffer.alloc(0);
  const bytes = source.exactly(Number(size) + padding(size));
  if (bytes === undefined) throw cutShort(name);
  return bytes.subarray(0, Number(size));
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
}

/** Reads the content of an extended header. @returns whether it was one */
function extend(source: ByteSource, block: Block, extended: Extended): boolean {
  switch (block.type) {
    case 'x':
      extended.records = parsePax(headerContent(source, block));
      return true;
    case 'L':
      extended.longName = untilNul(headerContent(source, block));
      return true;
    case 'K':
      extended.longLinkName = untilNul(headerContent(source, block));
      return true;
    // Global records, which Docker ignores, and the name of the volume.
    case 'g':
    case 'V':
      headerContent(source, block);
      return true;
    default:
      return false;
  }
}

const CHUNK = 256 * 1024;

/** An entry and its content. Content that is not read is skipped. */
export interface ReadEntry {
  readonly entry: TarEntry;
  readonly content: Generator<Piece>;
}

function readEntry(
  source: ByteSource,
  header: Buffer,
  block: Block,
  extended: Extended,
): ReadEntry {
  const { entry, content } = toEntry(block, extended);
  const { path } = entry;
  const sparse =
    block.type === 'S'
      ? readOldMap(source, path, { header, content })
      : readPaxMap(source, path, { records: extended.records, content });
  if (sparse && entry.type !== 'file') throw bad(path, `a ${entry.type} cannot have a sparse map`);
  // A single stretch. No stream is longer than a number can count.
  const stretches = sparse?.stretches ?? [{ offset: 0, length: Number(content) }];
  return {
    entry: { ...entry, size: sparse?.size ?? entry.size },
    content: contentOf(source, { path, content, stretches }),
  };
}

/**
 * Reads a tar, entry by entry. It ends with two zero blocks, or with the end of the stream before an entry. The rest of
 * the stream is read and dropped.
 * @throws DiffError
 */
export function* readEntries(source: ByteSource): Generator<ReadEntry> {
  let extended: Extended = { records: new Map() };
  let pending = false;
  let empty = 0;
  for (let first = true; ; first = false) {
    const bytes = source.exactly(BLOCK);
    // A pipe whose writer failed is empty. A tar without entries still has its two zero blocks.
    if (bytes === undefined && first) {
      throw new DiffError({ code: 'ERR_DIFF_TAR', problem: 'the stream is empty' });
    }
    if (bytes === undefined) break;
    if (bytes.equals(EMPTY)) {
      if (++empty === 2) break;
      continue;
    }
    if (empty > 0)
      throw new DiffError({
        code: 'ERR_DIFF_TAR',
        problem: 'expected a second zero block, got a header',
      });
    const block = decodeBlock(bytes);
    if (extend(source, block, extended)) {
      pending ||= block.type !== 'g' && block.type !== 'V';
      continue;
    }
    const read = readEntry(source, bytes, block, extended);
    [extended, pending] = [{ records: new Map() }, false];
    yield read;
    for (const _ of read.content);
  }
  if (pending) throw cutShort();
  while (source.some(CHUNK) !== undefined);
}
