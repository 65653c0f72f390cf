// Unpacks one entry of a tar into a layer, replacing what is there.

import { constants, linkSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { makeNode } from '../../../ioctl/file/file-node.ts';
import { encodeDevT } from '../../../ioctl/struct/c-values.ts';
import type { EntryType, TarEntry } from '../tar/entry.ts';
import type { ReadEntry } from '../tar/read.ts';
import { isDirectory } from '../tree/compare.ts';
import { OpenFile } from '../tree/content.ts';
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

function unpackFile(layer: Layer, target: Target, { entry, content }: ReadEntry): void {
  const { directory, name } = target;
  const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  using file = layer.replace(
    directory,
    name,
    () => new OpenFile(openSync(directory.at(name), flags, PRIVATE)),
  );
  writeContent(file, content, entry.size);
  setAttributes(target, { entry, file, isNew: true, leftOut: layer.leftOut });
}

/** Unpacks a directory. An existing one keeps its content and gets the attributes. */
function unpackDirectory(layer: Layer, target: Target, entry: TarEntry): void {
  const { directory, name } = target;
  const there = directory.look(name);
  const isNew = !there || !isDirectory(there);
  if (isNew) layer.replace(directory, name, () => mkdirSync(directory.at(name), 0o700));
  else directory.below(name)[Symbol.dispose]();
  setAttributes(target, { entry, isNew, leftOut: layer.leftOut });
}

function unpackLink(layer: Layer, { directory, name }: Target, entry: TarEntry): void {
  const path = insideLayer(entry.linkPath, entry.path);
  if (path === '') refuse(entry.path, 'a hard link cannot lead to the top of the layer');
  if (path.startsWith(AUFS_OWN))
    refuse(entry.path, 'a hard link cannot lead into the store of AUFS');
  using parent = layer.top.inside(parentOf(path));
  const from = parent.look(nameOf(path));
  if (!from || isDirectory(from)) {
    refuse(
      entry.path,
      `cannot create a hard link to ${JSON.stringify(entry.linkPath)}: expected a file`,
    );
  }
  const there = directory.look(name);
  if (there?.ino === from?.ino) return;
  layer.replace(directory, name, () => linkSync(parent.at(nameOf(path)), directory.at(name)));
}

function unpackNode(layer: Layer, target: Target, entry: TarEntry): void {
  const { directory, name } = target;
  const mode = NODES[entry.type]! | PRIVATE;
  const device = encodeDevT(entry.major, entry.minor);
  const at = { directory: directory.fd, name: toBytes(name) };
  layer.replace(directory, name, () => makeNode(at, mode, device));
  setAttributes(target, { entry, isNew: true, leftOut: layer.leftOut });
}

function unpackSymlink(layer: Layer, target: Target, entry: TarEntry): void {
  const { directory, name } = target;
  layer.replace(directory, name, () => symlinkSync(toBytes(entry.linkPath), directory.at(name)));
  setAttributes(target, { entry, isNew: true, leftOut: layer.leftOut });
}

/** Sets the attributes of the top. */
function unpackTop(layer: Layer, entry: TarEntry): void {
  if (entry.type !== 'directory') {
    refuse(entry.path, `expected a directory for the top of the layer, got a ${entry.type}`);
  }
  const top = { directory: layer.top, name: '.' };
  setAttributes(top, { entry, isNew: false, leftOut: layer.leftOut });
}

/** Unpacks an entry at a path inside the layer. For the top, only its attributes are set. @throws DiffError */
export function unpackEntry(layer: Layer, path: string, read: ReadEntry): void {
  const { entry } = read;
  if (path === '') {
    unpackTop(layer, entry);
    return;
  }
  const target = { directory: layer.directory(parentOf(path)), name: nameOf(path) };
  switch (entry.type) {
    case 'file':
      unpackFile(layer, target, read);
      break;
    case 'directory':
      unpackDirectory(layer, target, entry);
      break;
    case 'link':
      unpackLink(layer, target, entry);
      break;
    case 'symlink':
      unpackSymlink(layer, target, entry);
      break;
    default:
      unpackNode(layer, target, entry);
  }
}
