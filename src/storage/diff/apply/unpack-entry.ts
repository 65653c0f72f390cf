// Unpacks one entry of a tar into a layer, replacing what is there.

import { constants } from 'node:fs';
import { link, mkdir, open, symlink } from 'node:fs/promises';
import { makeNode } from '../../../ioctl/file/file-node.ts';
import { encodeDevT } from '../../../ioctl/struct/c-values.ts';
import type { EntryType, TarEntry } from '../tar/entry.ts';
import type { ReadEntry } from '../tar/read.ts';
import { isDirectory } from '../tree/compare.ts';
import { DiffError } from '../tree/errors.ts';
import { AUFS_OWN, insideLayer, nameOf, parentOf, toBytes } from '../tree/paths.ts';
import { setAttributes, type Target } from './attributes.ts';
import type { Layer } from './layer.ts';
import { writeContent } from './write-content.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, S_IFCHR, S_IFBLK, S_IFIFO } = constants;
/** The mode of a file until its owner and mode are set: no other user can read it. */
const PRIVATE = 0o600;

const NODES: Readonly<Partial<Record<EntryType, number>>> = {
  'character-device': S_IFCHR,
  'block-device': S_IFBLK,
  fifo: S_IFIFO,
};

const refuse = (entry: string, problem: string): never => {
  throw new DiffError({ code: 'ERR_DIFF_ENTRY', entry, problem });
};

async function unpackFile(layer: Layer, target: Target, { entry, content }: ReadEntry) {
  const { directory, name, signal } = target;
  await using file = await layer.replace(directory, name, () =>
    open(directory.at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, PRIVATE),
  );
  await writeContent(file, content, { size: entry.size, signal });
  await setAttributes(target, { entry, file, isNew: true, leftOut: layer.leftOut });
}

/** Unpacks a directory. An existing one keeps its content and gets the attributes. */
async function unpackDirectory(layer: Layer, target: Target, entry: TarEntry): Promise<void> {
  const { directory, name } = target;
  const there = await directory.look(name);
  const isNew = !there || !isDirectory(there);
  if (isNew) await layer.replace(directory, name, () => mkdir(directory.at(name), 0o700));
  else directory.below(name)[Symbol.dispose]();
  await setAttributes(target, { entry, isNew, leftOut: layer.leftOut });
}

async function unpackLink(layer: Layer, { directory, name, signal }: Target, entry: TarEntry) {
  const path = insideLayer(entry.linkPath, entry.path);
  if (path === '') refuse(entry.path, 'a hard link cannot lead to the top of the layer');
  if (path.startsWith(AUFS_OWN))
    refuse(entry.path, 'a hard link cannot lead into the store of AUFS');
  using parent = await layer.top.inside(parentOf(path), signal);
  const from = await parent.look(nameOf(path));
  if (!from || isDirectory(from)) {
    refuse(
      entry.path,
      `cannot create a hard link to ${JSON.stringify(entry.linkPath)}: expected a file`,
    );
  }
  const there = await directory.look(name);
  if (there?.ino === from?.ino) return;
  await layer.replace(directory, name, () => link(parent.at(nameOf(path)), directory.at(name)));
}

async function unpackNode(layer: Layer, target: Target, entry: TarEntry): Promise<void> {
  const { directory, name, signal } = target;
  const mode = NODES[entry.type]! | PRIVATE;
  const device = encodeDevT(entry.major, entry.minor);
  const at = { directory: directory.fd, name: toBytes(name), signal };
  await layer.replace(directory, name, () => makeNode(at, mode, device));
  await setAttributes(target, { entry, isNew: true, leftOut: layer.leftOut });
}

async function unpackSymlink(layer: Layer, target: Target, entry: TarEntry): Promise<void> {
  const { directory, name } = target;
  await layer.replace(directory, name, () => symlink(toBytes(entry.linkPath), directory.at(name)));
  await setAttributes(target, { entry, isNew: true, leftOut: layer.leftOut });
}

/** Unpacks an entry at a path inside the layer. For the top, only its attributes are set. @throws DiffError */
export async function unpackEntry(
  layer: Layer,
  path: string,
  read: ReadEntry,
  signal?: AbortSignal,
): Promise<void> {
  const { entry } = read;
  if (path === '') {
    if (entry.type !== 'directory')
      refuse(entry.path, `expected a directory for the top of the layer, got a ${entry.type}`);
    const top = { directory: layer.top, name: '.', signal };
    return setAttributes(top, { entry, isNew: false, leftOut: layer.leftOut });
  }
  const target = { directory: await layer.directory(parentOf(path)), name: nameOf(path), signal };
  switch (entry.type) {
    case 'file':
      return unpackFile(layer, target, read);
    case 'directory':
      return unpackDirectory(layer, target, entry);
    case 'link':
      return unpackLink(layer, target, entry);
    case 'symlink':
      return unpackSymlink(layer, target, entry);
    default:
      return unpackNode(layer, target, entry);
  }
}
