// The files of a storage directory, and the names of its devices. Source: deviceset.go in daemon/graphdriver/devmapper
// of moby.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { majorOf, minorOf } from '../../dm/wire/device-number.ts';
import { isText } from '../../ioctl/input/checks.ts';
import { StorageError } from '../config/errors.ts';

/** The paths of a storage directory, and the prefix of its devices' names. */
export interface Layout {
  /** The directory itself: `/var/lib/docker/devicemapper`. */
  readonly root: string;
  /** `metadata`: one file for each layer, and three for the whole storage. */
  readonly metadata: string;
  /** `devicemapper`: the loop files, and the single file of an old Docker. */
  readonly loop: string;
  /** `mnt`: a directory for each layer that is mounted. */
  readonly mounts: string;
  /** `docker-MAJOR:MINOR-INODE` of the root. */
  readonly prefix: string;
}

/** Id of the base device. It is not a valid layer id. */
export const BASE = '';
/** File names in `metadata` that are not layers. */
export const DEVICE_SET_FILE = 'deviceset-metadata';
/** @see DEVICE_SET_FILE */
export const TRANSACTION_FILE = 'transaction-metadata';

const BASE_FILE = 'base';
const POOL = 'pool';
/** The kernel's limit, less the NUL. */
const DEVICE_NAME_MAX = 127;
const RESERVED: readonly string[] = [BASE_FILE, DEVICE_SET_FILE, TRANSACTION_FILE];

/** The layout of the existing directory `root`. */
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

/** The pool's name, unless the pool is external. */
export const poolName = ({ prefix }: Layout): string => `${prefix}-${POOL}`;

/** The name of a layer's device. */
export const deviceName = ({ prefix }: Layout, id: string): string =>
  `${prefix}-${id === BASE ? BASE_FILE : id}`;

/** The name of a layer's file in `metadata`. */
export const recordName = (id: string): string => (id === BASE ? BASE_FILE : id);

/** The layer id of a file in `metadata`; `undefined` if the file is not a layer's. */
export function idOfRecord(name: string): string | undefined {
  if (name === BASE_FILE) return BASE;
  if (name.startsWith('.') || name.endsWith('.migrated') || RESERVED.includes(name))
    return undefined;
  return name;
}

/** A layer in words, for errors. */
export const layerWords = (id: string): string =>
  id === BASE ? 'the base device' : `layer "${id}"`;

const refuseId = (id: string, problem: string): StorageError =>
  new StorageError({ code: 'ERR_LAYER_ID', subject: `layer id ${JSON.stringify(id)}`, problem });

/** Why an id is not valid as the name of a file and a directory in any storage; `undefined` if it is. */
export function layerNameProblem(id: string): string | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(id)) {
    return 'expected letters, digits and _ . -, not beginning with . or -';
  }
  if (idOfRecord(id) !== id) return 'it is the name of another file of the storage';
  return id === POOL ? 'its device would have the name of the pool' : undefined;
}

/**
 * Refuses an id that is not valid as the name of a file and a directory in any storage.
 * @throws StorageError ERR_LAYER_ID
 */
export function checkLayerName(id: string): void {
  isText(id, 'id');
  const problem = layerNameProblem(id);
  if (problem !== undefined) throw refuseId(id, problem);
}

/**
 * Refuses an id that is not valid as the name of a file, a directory and a device.
 * @throws StorageError ERR_LAYER_ID
 */
export function checkLayerId(layout: Layout, id: string): void {
  checkLayerName(id);
  const name = deviceName(layout, id);
  const over = name.length - DEVICE_NAME_MAX;
  if (over > 0) throw refuseId(id, `too long by ${over} characters for the device name ${name}`);
}
