// Encodes the headers of entries. The libraries (tar-stream, node-tar, modern-tar) treat names and extended attributes
// as UTF-8, but they are bytes.

import { isUtf8 } from 'node:buffer';
import { BLOCK, type Block, encodeBlock, fits, NAME_MAX, padding } from './block.ts';
import { ALL_XATTRS, type TarEntry, TYPE_FLAGS, XATTR } from './entry.ts';
import { encodePax, encodeTime, type PaxRecords } from './pax.ts';

const NS = 1_000_000_000n;
/** Text that is not printable ASCII goes into a record as well. */
const isAscii = (text: string): boolean => /^[ -~]*$/.test(text);

/** The two zero blocks at the end of a tar. */
export const END: Buffer = Buffer.alloc(2 * BLOCK);

/** The records for values that do not fit into the header's fields. */
function recordsFor(entry: TarEntry, path: string): PaxRecords {
  const records = new Map<string, string>();
  const texts = { path, linkpath: entry.linkPath };
  if (Object.values(texts).some((text) => !isUtf8(Buffer.from(text, 'latin1')))) {
    records.set('hdrcharset', 'BINARY');
  }
  for (const [key, text] of Object.entries(texts)) {
    if (text.length > NAME_MAX || !isAscii(text)) records.set(key, text);
  }
  for (const key of ['size', 'uid', 'gid'] as const) {
    if (!fits(key, BigInt(entry[key]))) records.set(key, String(entry[key]));
  }
  if (entry.mtime % NS !== 0n || !fits('mtime', entry.mtime / NS)) {
    records.set('mtime', encodeTime(entry.mtime));
  }
  for (const [name, value] of entry.xattrs) records.set(XATTR + name, value.toString('latin1'));
  if (entry.allXattrs) records.set(ALL_XATTRS, '1');
  return records;
}

/** A printable approximation of a name, for readers that ignore the records. */
const plain = (text: string): string => text.replace(/[^\x20-\x7e]/g, '_').slice(0, NAME_MAX);

function pad(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc(padding(BigInt(content.length)))]);
}

/** Encodes everything before an entry's content. */
export function encodeEntry(entry: TarEntry): Buffer {
  const path = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const records = recordsFor(entry, path);
  const number = (name: 'uid' | 'gid' | 'size' | 'mtime', value: bigint): bigint =>
    fits(name, value) ? value : 0n;
  const block: Block = {
    name: records.has('path') ? plain(path) : path,
    linkName: records.has('linkpath') ? plain(entry.linkPath) : entry.linkPath,
    type: TYPE_FLAGS[entry.type],
    mode: BigInt(entry.mode),
    uid: number('uid', BigInt(entry.uid)),
    gid: number('gid', BigInt(entry.gid)),
    size: number('size', entry.size),
    mtime: number('mtime', entry.mtime / NS),
    major: entry.major,
    minor: entry.minor,
  };
  if (records.size === 0) return encodeBlock(block);
  const pax = encodePax(records);
  const head = encodeBlock({
    ...block,
    name: plain(`PaxHeaders/${path.replace(/\/$/, '').replace(/^.*\//, '')}`),
    linkName: '',
    type: 'x',
    mode: 0o644n,
    size: BigInt(pax.length),
    major: 0n,
    minor: 0n,
  });
  return Buffer.concat([head, pad(pax), encodeBlock(block)]);
}
