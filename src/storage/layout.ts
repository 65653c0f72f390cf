// Where things are in a storage directory, and which names its devices have.
// Source: deviceset.go in daemon/graphdriver/devmapper of moby.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { majorOf, minorOf } from '../dm/device-number.ts';
import { StorageError } from './errors.ts';

/** The places of a storage directory, and the prefix of its devices. */
export interface Layout {
  /** The directory itself: `/var/lib/docker/devicemapper`. */
  readonly root: string;
  /** `metadata`: one file for each layer, and the three that are about all. */
  readonly metadata: string;
  /** `devicemapper`: the loop files, and the single file of old. */
  readonly loop: string;
  /** `mnt`: a directory for each layer that is mounted. */
  readonly mounts: string;
  /** `docker-MAJOR:MINOR-INODE` of the root. */
  readonly prefix: string;
}

/** Id of the base device: nobody can have a layer called so. */
export const BASE = '';
/** File names in `metadata` that are no layers. */
export const DEVICE_SET_FILE = 'deviceset-metadata';
/** @see DEVICE_SET_FILE */
export const TRANSACTION_FILE = 'transaction-metadata';

const BASE_FILE = 'base';
/** The kernel's limit, less the NUL. */
const DEVICE_NAME_MAX = 127;
const RESERVED: readonly string[] = [BASE_FILE, DEVICE_SET_FILE, TRANSACTION_FILE];

/** The layout of the directory `root`, which is there. */
export async function layoutOf(root: string): Promise<Layout> {
  const { dev, ino } = await stat(root, { bigint: true });
  return {
    root,
    metadata: join(root, 'metadata'),
    loop: join(root, 'devicemapper'),
    mounts: join(root, 'mnt'),
    prefix: `docker-${majorOf(dev)}:${minorOf(dev)}-${ino}`,
  };
}

/** The pool's name, unless somebody else looks after it. */
export const poolName = ({ prefix }: Layout): string => `${prefix}-pool`;

/** The name of a layer's device. */
export const deviceName = ({ prefix }: Layout, id: string): string =>
  `${prefix}-${id === BASE ? BASE_FILE : id}`;

/** The name of a layer's file in `metadata`. */
export const recordName = (id: string): string => (id === BASE ? BASE_FILE : id);

/** The layer that a file of `metadata` is about; `undefined` for a file that is about none. */
export function idOfRecord(name: string): string | undefined {
  if (name === BASE_FILE) return BASE;
  if (name.startsWith('.') || name.endsWith('.migrated') || RESERVED.includes(name))
    return undefined;
  return name;
}

/** A layer in words, for errors. */
export const layerWords = (id: string): string =>
  id === BASE ? 'the base device' : `layer "${id}"`;

/**
 * Refuse an id that is no name for a file, a directory and a device at once.
 * @throws StorageError ERR_LAYER_ID
 */
export function checkLayerId(layout: Layout, id: string): void {
  const refuse = (problem: string): StorageError =>
    new StorageError({ code: 'ERR_LAYER_ID', subject: `layer id ${JSON.stringify(id)}`, problem });
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(id)) {
    throw refuse('expected letters, digits and _ . -, not beginning with . or -');
  }
  if (idOfRecord(id) !== id) throw refuse('that is the name of another file of the storage');
  const over = deviceName(layout, id).length - DEVICE_NAME_MAX;
  if (over > 0)
    throw refuse(`too long by ${over}: its device would be called ${deviceName(layout, id)}`);
}
