// A thin pool whose device mapper fails on demand, on the real kernel or on the model kernel.

import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { thinPool } from '../../../src/dm/targets/index.ts';
import { openControlNode } from '../../../src/dm/wire/control-node.ts';
import { DeviceMapper } from '../../../src/index.ts';
import { modelKernel } from '../../../src/testing/index.ts';
import { ThinPool } from '../../../src/thin/index.ts';
import { MiB, scratchDirectory, uniqueName } from '../kernel/scratch.ts';
import { removePool } from '../kernel/thin.ts';
import { FaultyTransport } from './faulty-transport.ts';
import { wrongDevices, wrongLoops } from './look.ts';
import type { Subject } from './matrix.ts';

/** Sectors of a thin device. */
export const LENGTH = 8192;

interface Parts {
  readonly transport: FaultyTransport;
  readonly dm: DeviceMapper;
  /** A device mapper that does not fail. */
  readonly sound: DeviceMapper;
  readonly name: string;
}

/** A pool, active or not. */
export abstract class PoolSubject implements Subject {
  readonly transport: FaultyTransport;
  readonly dm: DeviceMapper;
  readonly sound: DeviceMapper;
  readonly name: string;
  #pool: ThinPool | undefined;

  protected constructor({ transport, dm, sound, name }: Parts) {
    this.transport = transport;
    this.dm = dm;
    this.sound = sound;
    this.name = name;
  }

  /** The pool, through the device mapper that fails. */
  get pool(): ThinPool {
    if (this.#pool === undefined) throw new Error('The pool is not open');
    return this.#pool;
  }

  /** Uses this object from now on. */
  use(pool: ThinPool | undefined): void {
    this.#pool = pool;
  }

  /** Whether a pool is open. */
  get isOpen(): boolean {
    return this.#pool !== undefined;
  }

  /** The same pool through the device mapper that does not fail. */
  soundPool(): Promise<ThinPool> {
    return ThinPool.open(this.sound, this.name);
  }

  /** A new, empty pool. */
  async renew(): Promise<void> {
    await this.erase();
    this.#pool = await this.makePool();
  }

  /** Removes the pool and all devices on it, in any state. */
  async erase(): Promise<void> {
    this.#pool = undefined;
    await removePool(this.sound, this.name);
  }

  async recover(error: unknown): Promise<void> {
    await this.#follow(error);
    if (!(await this.sound.exists(this.name))) return;
    try {
      this.#pool = await ThinPool.open(this.dm, this.name, { owned: true });
    } catch (reason) {
      await this.#follow(reason);
    }
  }

  /** Does what the hint of an error says. */
  async #follow(error: unknown): Promise<void> {
    const [, verb, name = ''] = /"dmts (resume|remove) (\S+)"/.exec(String(error)) ?? [];
    if (verb === 'resume') await this.sound.resume(name);
    if (verb === 'remove') await this.sound.remove(name);
  }

  async look(): Promise<readonly string[]> {
    return wrongDevices(this.sound, this.name);
  }

  protected abstract makePool(): Promise<ThinPool>;
}

/** A pool on files, on the kernel of this machine. */
export class RealPool extends PoolSubject {
  readonly #directory: string;

  private constructor(parts: Parts, directory: string) {
    super(parts);
    this.#directory = directory;
  }

  static async make(t: ExecutionContext): Promise<RealPool> {
    const transport = new FaultyTransport(openControlNode({ devDir: '/dev', threads: true }));
    const dm = await DeviceMapper.open({ transport });
    const sound = await DeviceMapper.open({ nodes: false });
    t.teardown(() => {
      dm.close();
      sound.close();
    });
    const parts = { transport, dm, sound, name: uniqueName('pool') };
    const subject = new RealPool(parts, scratchDirectory(t));
    t.teardown(() => subject.erase());
    return subject;
  }

  /** The files of the pool. */
  get files(): { readonly metadata: string; readonly data: string } {
    return { metadata: join(this.#directory, 'metadata'), data: join(this.#directory, 'data') };
  }

  /** Creates the pool on new files. */
  makePool(): Promise<ThinPool> {
    return ThinPool.create(this.dm, this.name, {
      ...this.files,
      metadataSize: BigInt(4 * MiB),
      dataSize: BigInt(64 * MiB),
      overwrite: true,
    });
  }

  override async look(): Promise<readonly string[]> {
    const isActive = await this.sound.exists(this.name);
    return [...(await super.look()), ...(await wrongLoops(this.#directory, isActive ? 2 : 0))];
  }
}

/** A pool of the model kernel. */
export class ModelPool extends PoolSubject {
  static async make(): Promise<ModelPool> {
    const kernel = modelKernel({
      disks: [
        { dev: '8:0', path: '/dev/meta', sectors: 4096 },
        { dev: '8:16', path: '/dev/data', sectors: 128_000 },
      ],
    });
    const transport = new FaultyTransport(kernel);
    const dm = await DeviceMapper.open({ transport });
    const sound = await DeviceMapper.open({ transport: kernel.connect() });
    return new ModelPool({ transport, dm, sound, name: 'pool' });
  }

  protected async makePool(): Promise<ThinPool> {
    const devices = { metadataDevice: '/dev/meta', dataDevice: '/dev/data' };
    const table = [thinPool({ ...devices, length: 128_000, lowWaterMark: 10 })];
    await this.sound.create(this.name, { table });
    return ThinPool.open(this.dm, this.name);
  }
}
