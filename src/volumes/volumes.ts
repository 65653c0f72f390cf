// The volumes of a directory as an object: create, clone, import, export, roll back, delete.

import type { Writable } from 'node:stream';
import type { DeviceMapper } from '../dm/device/device-mapper.ts';
import { checkDeviceMapper } from '../dm/device/input.ts';
import { CALL } from '../dm/device/option-checks.ts';
import type { CallOptions } from '../dm/device/options.ts';
import { kernelName } from '../dm/wire/names.ts';
import { withCleanup } from '../ioctl/input/attempt.ts';
import { checkFields, hasMethods, isPath, isText } from '../ioctl/input/checks.ts';
import { InputError } from '../ioctl/input/input-error.ts';
import {
  type CloneVolumeOptions,
  type CreateVolumeOptions,
  ENSURE,
  type EnsureVolumesOptions,
  EXPORT,
  type ExportVolumeOptions,
  IMPORT,
  type ImportVolumeOptions,
  SIZE,
} from './config/options.ts';
import { deleteVolume } from './delete.ts';
import { checkVolumeName } from './directory/record.ts';
import { checkTarget } from './image/export-target.ts';
import { checkSource, holdSource, type ImageSource } from './image/image-source.ts';
import { contentOf, describeVolumes, type VolumeInfo } from './info.ts';
import { createSpare, createWithRecord, replaceThin } from './new-thin.ts';
import { openVolumes } from './opened.ts';
import { grownSize, wholeSize } from './sizes.ts';
import { snapshotVolume } from './snapshot-of.ts';
import { exportVolume, importVolume } from './transfer.ts';
import { VolumeDevices } from './volume-devices.ts';

/** The name of a pool and that of a volume make the name of a device, which has at most 127 bytes. */
const POOL_NAME_MAX = 62;
const TARGET = 'a path or a Writable stream';

/** A stream that has not ended. */
function checkWritable(target: Writable): void {
  hasMethods(TARGET, 'write', 'end')(target, 'target');
  if (target.writable === false) {
    throw new InputError({
      field: 'target',
      expected: TARGET,
      received: 'a stream that has ended',
    });
  }
}

/**
 * Volumes: thin devices with a name and a size, in a pool of their own. One process at a time can have a directory open. A
 * method either completes its change or undoes it. What a process leaves that dies, the next `ensure` completes or undoes.
 */
export class Volumes extends VolumeDevices implements AsyncDisposable {
  /**
   * Opens the volumes of a directory, whatever it finds: it creates the directory and the pool, activates an existing pool, or
   * opens the active one.
   * @param name the name of the pool's device
   * @throws InputError without `size` for a new pool; VolumeError ERR_VOLUME_POOL when the directory, the pool and the name
   * do not match; StorageError ERR_STORAGE_LOCKED, which names the process that has the directory open, and
   * ERR_STORAGE_RECORD, which names a file that is not a record; PoolError as `ThinPool.create` and `ThinPool.activate`
   */
  static async ensure(
    dm: DeviceMapper,
    name: string,
    options: EnsureVolumesOptions,
  ): Promise<Volumes> {
    checkDeviceMapper(dm);
    isText(name, 'name');
    checkFields(options, ENSURE, ['dir']);
    if (name === '' || Buffer.byteLength(name) > POOL_NAME_MAX) {
      throw new InputError({
        field: 'name',
        expected: `1 to ${POOL_NAME_MAX} bytes`,
        received: name,
      });
    }
    kernelName(name, 'auto');
    return new Volumes(await openVolumes({ dm, name, options }));
  }

  /**
   * Opens an existing directory of volumes, and activates its pool if it is not active.
   * @throws VolumeError ERR_VOLUME_POOL for another directory; as `ensure`
   */
  static async open(dm: DeviceMapper, dir: string, options: CallOptions = {}): Promise<Volumes> {
    checkDeviceMapper(dm);
    isPath(dir, 'dir');
    checkFields(options, CALL);
    return new Volumes(await openVolumes({ dm, options: { dir, ...options } }));
  }

  /** All volumes, in the order of their names. The call writes nothing. */
  list(): Promise<readonly VolumeInfo[]> {
    return this.access.runUnlocked(async () =>
      describeVolumes(this.state.records.entries(), await contentOf(this.pool)),
    );
  }

  /** Creates an empty volume. @throws VolumeError ERR_VOLUME_EXISTS; PoolError ERR_POOL_FULL */
  async create(name: string, options: CreateVolumeOptions): Promise<void> {
    checkVolumeName(name, 'name');
    checkFields(options, SIZE, ['size']);
    const { signal } = options;
    const size = wholeSize(options.size);
    await this.access.runNew(name, signal, () =>
      createWithRecord(this.state, name, {
        size,
        make: (id) => this.pool.createThin(id, { signal }),
      }),
    );
  }

  /**
   * Creates a volume with the present content of another one. The two volumes share each block until one of them writes to it. The
   * origin may be in use: its filesystem is frozen while the kernel takes the snapshot.
   * @throws VolumeError ERR_VOLUME_EXISTS, ERR_VOLUME_MISSING; ERR_VOLUME_SIZE when it would be smaller; PoolError ERR_POOL_FULL
   */
  async clone(origin: string, name: string, options: CloneVolumeOptions = {}): Promise<void> {
    checkVolumeName(origin, 'origin');
    checkVolumeName(name, 'name');
    checkFields(options, SIZE);
    const { signal } = options;
    const wanted = options.size === undefined ? undefined : wholeSize(options.size);
    await this.access.runNew(name, signal, async () => {
      const record = this.access.get(origin);
      await createWithRecord(this.state, name, {
        size: grownSize(origin, record, wanted ?? record.size),
        make: (id) => snapshotVolume(this.state, id, { name: origin, record }, { signal }),
      });
    });
  }

  /**
   * Creates a volume with the content of a raw image. Blocks of zeros take no space.
   * @param source the path of a file or of a block device, or the bytes, such as a stream
   * @throws VolumeError ERR_VOLUME_EXISTS, ERR_VOLUME_SIZE; InputError for a stream without `size`; PoolError ERR_POOL_FULL;
   * Node's own errors of reading and writing
   */
  async import(
    name: string,
    source: ImageSource,
    options: ImportVolumeOptions = {},
  ): Promise<void> {
    checkVolumeName(name, 'name');
    checkSource(source);
    checkFields(options, IMPORT);
    await using image = holdSource(source, options.signal);
    try {
      await this.access.runNew(name, options.signal, () =>
        importVolume(this.state, name, image.source, options),
      );
    } catch (error) {
      // The error of a stream that an abort has destroyed does not have the reason of the abort.
      options.signal?.throwIfAborted();
      throw error;
    }
  }

  /**
   * Exports the present content of a volume, which may be in use. A file is sparse, and has its name only when it is complete and
   * on disk. A stream gets all bytes, and ends.
   * @param target the path of a file, or a stream
   * @throws VolumeError ERR_VOLUME_MISSING; ERR_VOLUME_TARGET when the file exists; Node's own errors of writing
   */
  async export(
    name: string,
    target: string | Writable,
    options: ExportVolumeOptions = {},
  ): Promise<void> {
    checkVolumeName(name, 'name');
    if (typeof target === 'string') isPath(target, 'target');
    else checkWritable(target);
    checkFields(options, EXPORT);
    await this.access.runUnlocked(async () => {
      const record = this.access.get(name);
      if (typeof target === 'string') await checkTarget(target, this.directory, options);
      await exportVolume(this.state, { name, record }, target, options);
    });
  }

  /**
   * Gives an inactive volume the content and the size of another one, such as an earlier clone of it.
   * @throws VolumeError ERR_VOLUME_MISSING, ERR_VOLUME_ACTIVE; PoolError ERR_POOL_FULL
   */
  async rollback(name: string, to: string, options: CallOptions = {}): Promise<void> {
    checkVolumeName(name, 'name');
    checkVolumeName(to, 'to');
    checkFields(options, CALL);
    const { signal } = options;
    await this.access.run([name], signal, async () => {
      const [record, source] = [this.access.get(name), this.access.get(to)];
      await this.access.refuseActive(name, record);
      const from = { name: to, record: source };
      const id = await createSpare(this.state, (spare) =>
        snapshotVolume(this.state, spare, from, { signal }),
      );
      await replaceThin(this.state, name, record, { id, size: source.size });
    });
  }

  /** Deletes an inactive volume. **Its data is lost.** @throws VolumeError ERR_VOLUME_MISSING, ERR_VOLUME_ACTIVE */
  async delete(name: string, options: CallOptions = {}): Promise<void> {
    checkVolumeName(name, 'name');
    checkFields(options, CALL);
    await this.access.run([name], options.signal, async () => {
      const record = this.access.get(name);
      await this.access.refuseActive(name, record);
      const { onFile: discard } = this.state;
      await deleteVolume(this.state, name, record, { discard, signal: options.signal });
    });
  }

  /**
   * Closes the directory, after the running operations. The pool and active volumes stay active, and another process can open the
   * directory.
   */
  async close(): Promise<void> {
    await this.access.end();
    await this.state.release();
  }

  /**
   * Deactivates the pool, and closes the directory.
   * @throws PoolError ERR_POOL_BUSY with the holders, such as active volumes, after the directory is closed
   */
  async shutdown(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    await this.access.end();
    await withCleanup(
      () => this.pool.deactivate(options),
      () => this.state.release(),
    );
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
