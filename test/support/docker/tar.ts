// The entries of a tar file as records, whatever program wrote it.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extract, type Header, pack } from 'tar-stream';

/** The properties of a file of a tree. */
export interface Entry {
  readonly type: string;
  /** Permissions in octal, with setuid, setgid and sticky bits. */
  readonly mode: string;
  readonly owner: string;
  /** Seconds since 1970, with a fraction if the tar file has one. */
  readonly mtime: string;
  /** The target of a symbolic link. */
  readonly target?: string;
  /** The device number of a node. */
  readonly device?: string;
  /** SHA-256 of a file's bytes. */
  readonly content?: string;
  /** All paths of a file with several links. */
  readonly links?: readonly string[];
  /** Extended attributes by name, in hexadecimal. */
  readonly xattrs: Readonly<Record<string, string>>;
}

/** Entries by path, which begins with `/`, in the order of the paths. */
export type Tree = Readonly<Record<string, Entry>>;

const XATTR = 'SCHILY.xattr.';

const absolute = (name: string): string =>
  `/${name.replace(/^(\.?\/)+|^\.$/, '').replace(/\/$/, '')}`;

function xattrsOf(pax: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(pax)
      .filter(([key]) => key.startsWith(XATTR))
      .map(([key, value]) => [key.slice(XATTR.length), Buffer.from(value).toString('hex')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function entryOf(header: Header, content: string): Entry {
  const { type } = header;
  const pax = (header.pax ?? {}) as Readonly<Record<string, string>>;
  return {
    type,
    mode: (header.mode & 0o7777).toString(8).padStart(4, '0'),
    owner: `${header.uid}:${header.gid}`,
    mtime: pax['mtime'] ?? String(header.mtime.getTime() / 1000),
    ...(type === 'symlink' && { target: header.linkname }),
    ...(type.endsWith('-device') && { device: `${header.devmajor}:${header.devminor}` }),
    ...(type === 'file' && { content }),
    xattrs: xattrsOf(pax),
  };
}

/** Read all entries of a tar file. */
export async function readTar(path: string): Promise<Tree> {
  const entries = new Map<string, Entry>();
  const links = new Map<string, string[]>();
  const tar = createReadStream(path).pipe(extract());
  for await (const file of tar) {
    const name = absolute(file.header.name);
    const hash = createHash('sha256');
    for await (const chunk of file) hash.update(chunk as Buffer);
    if (String(file.header.type) !== 'link') {
      entries.set(name, entryOf(file.header, hash.digest('hex')));
      continue;
    }
    const first = absolute(file.header.linkname);
    links.set(first, [...(links.get(first) ?? [first]), name]);
  }
  for (const [first, names] of links) {
    const entry = { ...entries.get(first)!, links: names.toSorted() };
    for (const name of names) entries.set(name, entry);
  }
  if (entries.size === 0) throw new Error(`${path} has no entries`);
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A file for {@link writeTar}: a header without the computed fields, and the content. */
export interface Member extends Partial<Header> {
  readonly name: string;
  readonly bytes?: Buffer | string;
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** Write a tar file. */
export async function writeTar(path: string, members: readonly Member[]): Promise<void> {
  const tar = pack();
  const written = pipeline(tar, createWriteStream(path));
  for (const { bytes = '', xattrs = {}, ...header } of members) {
    const records = Object.entries(xattrs).map(([key, value]) => [XATTR + key, value] as const);
    const full = {
      mtime: new Date(1_000_000_000_000),
      ...header,
      pax: records.length === 0 ? null : Object.fromEntries(records),
    };
    tar.entry(full, Buffer.from(bytes));
  }
  tar.finalize();
  await written;
}
