// The entries of a tar, as every tool that makes layers writes them: ustar, PAX, GNU's long names, and what was before ustar.

import { DiffError } from '../errors.ts';
import { BLOCK, type Block, decodeBlock, padding } from './block.ts';
import { ALL_XATTRS, type EntryType, type TarEntry, TYPE_FLAGS, XATTR } from './entry.ts';
import { type PaxRecords, parsePax, parseTime, parseWhole } from './pax.ts';
import type { ByteSource } from './source.ts';

/** An extended header or long name larger than this is no honest one. Go's reader has the same limit. */
const HEADER_MAX = 1024n ** 2n;
const NS = 1_000_000_000n;
const EMPTY = Buffer.alloc(BLOCK);
/** chown(2) takes the last one for "leave it as it is". */
const ID_MAX = 0xffff_fffen;
const SIZE_MAX = 2n ** 63n - 1n;

const types: ReadonlyMap<string, EntryType> = new Map<string, EntryType>([
  ...(Object.entries(TYPE_FLAGS) as [EntryType, string][]).map(
    ([type, flag]): [string, EntryType] => [flag, type],
  ),
  ['\0', 'file'],
  ['7', 'file'],
]);

/** What the headers before an entry say about it. */
interface Extended {
  records: PaxRecords;
  longName?: string;
  longLinkName?: string;
}

const cutShort = (entry?: string): DiffError =>
  new DiffError({ code: 'ERR_DIFF_TAR', entry, problem: 'the tar is cut short' });

const bad = (entry: string, problem: string): DiffError =>
  new DiffError({ code: 'ERR_DIFF_ENTRY', entry, problem });

function typeOf(block: Block, path: string, records: PaxRecords): EntryType {
  if (block.type === 'S' || [...records.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
    throw bad(path, 'GNU tar has left out its holes, and that form is not known here');
  }
  const type = types.get(block.type);
  if (type === undefined) throw bad(path, `unknown type ${JSON.stringify(block.type)}`);
  return type === 'file' && path.endsWith('/') ? 'directory' : type;
}

function inRange(path: string, what: string, value: bigint, max: bigint): bigint {
  if (value >= 0n && value <= max) return value;
  throw bad(path, `expected ${what} from 0 to ${max}, got ${value}`);
}

function toEntry(block: Block, { records, longName, longLinkName }: Extended): TarEntry {
  const path = records.get('path') || (longName ?? block.name);
  const linkPath = records.get('linkpath') || (longLinkName ?? block.linkName);
  for (const text of [path, linkPath]) {
    if (text.includes('\0')) throw bad(path, 'a path with NUL');
  }
  const type = typeOf(block, path, records);
  const whole = (key: 'uid' | 'gid' | 'size', max: bigint): bigint => {
    const record = records.get(key);
    return inRange(path, key, record ? parseWhole(record, key) : block[key], max);
  };
  const mtime = records.get('mtime');
  const size = whole('size', SIZE_MAX);
  const xattrs = [...records].filter(([key]) => key.startsWith(XATTR));
  return {
    type,
    path,
    linkPath,
    mode: Number(block.mode & 0o7777n),
    uid: Number(whole('uid', ID_MAX)),
    gid: Number(whole('gid', ID_MAX)),
    size: type === 'file' ? size : 0n,
    mtime: mtime ? parseTime(mtime) : block.mtime * NS,
    major: inRange(path, 'major number', block.major, 0xffff_ffffn),
    minor: inRange(path, 'minor number', block.minor, 0xffff_ffffn),
    xattrs: new Map(
      xattrs.map(([key, value]) => [key.slice(XATTR.length), Buffer.from(value, 'latin1')]),
    ),
    allXattrs: records.has(ALL_XATTRS),
  };
}

/** The content of a header that is about the next one. */
async function headerContent(source: ByteSource, { size, name }: Block): Promise<Buffer> {
  if (size < 0n || size > HEADER_MAX) throw bad(name, `a header of ${size} bytes`);
  if (size === 0n) return Buffer.alloc(0);
  const bytes = await source.exactly(Number(size) + padding(size));
  if (bytes === undefined) throw cutShort(name);
  return bytes.subarray(0, Number(size));
}

const untilNul = (bytes: Buffer): string => bytes.toString('latin1').replace(/\0.*$/s, '');

/** Read a header's content if it is about the next entry, and say whether it was. */
async function extend(source: ByteSource, block: Block, extended: Extended): Promise<boolean> {
  switch (block.type) {
    case 'x':
      extended.records = parsePax(await headerContent(source, block));
      return true;
    case 'L':
      extended.longName = untilNul(await headerContent(source, block));
      return true;
    case 'K':
      extended.longLinkName = untilNul(await headerContent(source, block));
      return true;
    // Records for all entries to come: read past, as Docker does.
    case 'g':
      await headerContent(source, block);
      return true;
    default:
      return false;
  }
}

/** An entry, and its content, which is skipped where it is not taken. */
export interface ReadEntry {
  readonly entry: TarEntry;
  readonly content: AsyncGenerator<Buffer>;
}

const CHUNK = 256 * 1024;

async function* contentOf(source: ByteSource, { path, size }: TarEntry): AsyncGenerator<Buffer> {
  for (let left = size; left > 0n; ) {
    const bytes = await source.some(left > BigInt(CHUNK) ? CHUNK : Number(left));
    if (bytes === undefined) throw cutShort(path);
    left -= BigInt(bytes.length);
    yield bytes;
  }
  const rest = padding(size);
  if (rest > 0 && !(await source.exactly(rest))) throw cutShort(path);
}

/**
 * Read a tar, entry by entry. It ends with two empty blocks, or with the stream where an entry could begin; what
 * comes after its end is read and dropped.
 * @throws DiffError
 */
export async function* readEntries(source: ByteSource): AsyncGenerator<ReadEntry> {
  let extended: Extended = { records: new Map() };
  let pending = false;
  let empty = 0;
  for (let first = true; ; first = false) {
    const bytes = await source.exactly(BLOCK);
    // What a pipe gives whose other end has failed. A tar without entries has its two empty blocks.
    if (bytes === undefined && first) {
      throw new DiffError({ code: 'ERR_DIFF_TAR', problem: 'nothing at all' });
    }
    if (bytes === undefined) break;
    if (bytes.equals(EMPTY)) {
      if (++empty === 2) break;
      continue;
    }
    if (empty > 0) throw new DiffError({ code: 'ERR_DIFF_TAR', problem: 'an empty block' });
    const block = decodeBlock(bytes);
    if (await extend(source, block, extended)) {
      pending ||= block.type !== 'g';
      continue;
    }
    const entry = toEntry(block, extended);
    [extended, pending] = [{ records: new Map() }, false];
    const content = contentOf(source, entry);
    yield { entry, content };
    for await (const _ of content);
  }
  if (pending) throw cutShort();
  while ((await source.some(CHUNK)) !== undefined);
}
