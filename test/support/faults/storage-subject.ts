// A storage directory whose device mapper fails on demand.

import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { parseMountInfo } from '../../../src/block/mount-table.ts';
import { openControlNode } from '../../../src/dm/wire/control-node.ts';
import { DeviceMapper } from '../../../src/index.ts';
import { deviceName, layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { ThinPool } from '../../../src/thin/index.ts';
import { scratchDirectory } from '../kernel/scratch.ts';
import { takeStorageApart } from '../kernel/storage.ts';
import { FaultyTransport } from './faulty-transport.ts';
import { wrongStorage } from './look.ts';
import type { Subject } from './matrix.ts';

/** Small, so that mkfs is quick. */
export const TINY: readonly string[] = [
  'dm.loopdatasize=256M',
  'dm.loopmetadatasize=4M',
  'dm.basesize=32M',
  'dm.fs=ext4',
];

/** The layer that exists before each operation, with a file `a` in it. */
export const PARENT = 'parent';

/** A storage directory, open or closed. */
export class StorageSubject implements Subject {
  readonly root: string;
  readonly transport: FaultyTransport;
  /** The device mapper that fails. */
  readonly dm: DeviceMapper;
  /** One that does not. */
  readonly sound: DeviceMapper;
  readonly #template: string;
  #open: DevicemapperStorage | undefined;
  /** Descriptors that hold devices. */
  #holders: number[] = [];

  private constructor(
    directory: string,
    transport: FaultyTransport,
    dm: DeviceMapper,
    sound: DeviceMapper,
  ) {
    this.root = join(directory, 'storage');
    this.#template = join(directory, 'template');
    this.transport = transport;
    this.dm = dm;
    this.sound = sound;
  }

  /** A directory whose storage has the layer {@link PARENT} and is shut down. */
  static async make(t: ExecutionContext): Promise<StorageSubject> {
    const transport = new FaultyTransport(openControlNode({ devDir: '/dev', threads: true }));
    const dm = await DeviceMapper.open({ transport });
    const sound = await DeviceMapper.open({ nodes: false });
    t.teardown(() => {
      dm.close();
      sound.close();
    });
    const subject = new StorageSubject(scratchDirectory(t), transport, dm, sound);
    t.teardown(() => subject.erase());
    await subject.#makeTemplate();
    return subject;
  }

  async #makeTemplate(): Promise<void> {
    const storage = await this.open();
    await storage.create(PARENT);
    const content = await storage.mount(PARENT);
    execFileSync('sh', ['-c', 'echo a > a && sync -f a'], { cwd: content });
    await this.shutDown();
    execFileSync('mv', [this.root, this.#template]);
  }

  /** The open storage. */
  get storage(): DevicemapperStorage {
    if (this.#open === undefined) throw new Error('The storage is not open');
    return this.#open;
  }

  /** Whether the storage is open. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Opens the storage unless it is open. */
  async open(options: readonly string[] = []): Promise<DevicemapperStorage> {
    this.#open ??= await DevicemapperStorage.open({
      root: this.root,
      storageOptions: [...TINY, ...options],
      dm: this.dm,
    });
    return this.#open;
  }

  /** Ends the use of the storage object. The directory is closed even if this fails. */
  async close(): Promise<void> {
    const storage = this.#open;
    this.#open = undefined;
    await storage?.close();
  }

  /** Shuts the storage down; opens it first if necessary. The directory is closed even if this fails. */
  async shutDown(): Promise<void> {
    const storage = await this.open();
    this.#open = undefined;
    await storage.shutdown();
  }

  /** Removes the directory and all its devices, in any state. */
  async erase(): Promise<void> {
    this.release();
    await this.close();
    await takeStorageApart(this.root);
  }

  /** Makes the directory anew, with the layer {@link PARENT}. */
  async renew(): Promise<void> {
    await this.erase();
    execFileSync('cp', ['--archive', '--sparse=always', this.#template, this.root]);
  }

  async recover(): Promise<void> {
    await this.close();
    const storage = await this.open();
    await storage.deletePending();
    const left = await this.look();
    if (left.length > 0) throw new Error(`the next open leaves: ${left.join(', ')}`);
  }

  async look(): Promise<readonly string[]> {
    // Before the first open.
    if (!existsSync(this.root)) return [];
    return wrongStorage(this.sound, await layoutOf(this.root));
  }

  /** Holds the device of a layer until the release. */
  async hold(id: string): Promise<void> {
    const { path } = await this.sound.info(deviceName(await layoutOf(this.root), id));
    this.#holders.push(openSync(path, 'r'));
  }

  /** Ends every hold. */
  release(): void {
    for (const fd of this.#holders.splice(0)) closeSync(fd);
  }

  /** Whether a layer is mounted. */
  isMounted(id: string): boolean {
    const table = parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8'));
    return table.some(({ path }) => path === join(this.root, 'mnt', id));
  }

  /** Whether the storage has a layer that is not deleted. */
  has(id: string): boolean {
    return this.storage.layers().some((layer) => layer.id === id);
  }

  /** Whether the device of a layer or of the pool is active. */
  async isActive(what: string): Promise<boolean> {
    const { prefix } = await layoutOf(this.root);
    return this.sound.exists(`${prefix}-${what}`);
  }

  /** The pool, through the device mapper that does not fail. */
  async pool(): Promise<ThinPool> {
    return ThinPool.open(this.sound, poolName(await layoutOf(this.root)));
  }
}
