// The steps of a storage whose power is cut, and what the storage has after each of them.

import { createReadStream } from 'node:fs';
import { type CreateLayerOptions, DevicemapperStorage } from '../../../src/storage/index.ts';
import type { Member } from '../docker/tar.ts';
import { MiB } from '../kernel/scratch.ts';

/** A call of a storage. */
export type Call =
  | readonly ['open', options: readonly string[]]
  | readonly ['create', id: string, options: CreateLayerOptions]
  | readonly ['mount', id: string]
  | readonly ['apply', id: string]
  | readonly ['remove', id: string]
  | readonly ['shutdown'];

/** The content of a layer: nothing, or the files of the tar. */
export type Content = 'empty' | 'unpacked';

/** What a storage has. */
export interface Known {
  readonly layers: Readonly<Record<string, Content>>;
  /** The size of the base device, in bytes. */
  readonly baseSize: number;
  /** The sizes of the pool's files, in bytes. */
  readonly files: Readonly<Record<'data' | 'metadata', number>>;
}

/** A call, and what the storage has when the call has returned. */
export interface Step {
  readonly title: string;
  readonly call: Call;
  readonly after: Known;
  /** The layer whose content is not certain while the call runs. */
  readonly writes?: string;
}

/** The filesystem of the layers. */
export const FILESYSTEM = 'dm.fs=ext4';

/** The options that set the sizes of `known`. */
const sizesOf = ({ baseSize, files }: Omit<Known, 'layers'>): readonly string[] => [
  `dm.basesize=${baseSize}`,
  `dm.loopdatasize=${files.data}`,
  `dm.loopmetadatasize=${files.metadata}`,
];

const SMALL = { baseSize: 32 * MiB, files: { data: 128 * MiB, metadata: 8 * MiB } };
const LARGE = { baseSize: 64 * MiB, files: { data: 192 * MiB, metadata: 12 * MiB } };

/** The steps, each of which begins when the one before it is acknowledged. */
export const HISTORY: readonly Step[] = [
  { title: 'the first open', call: ['open', sizesOf(SMALL)], after: { layers: {}, ...SMALL } },
  {
    title: 'a create',
    call: ['create', 'a', {}],
    after: { layers: { a: 'empty' }, ...SMALL },
  },
  {
    title: 'a mount',
    call: ['mount', 'a'],
    after: { layers: { a: 'empty' }, ...SMALL },
  },
  {
    title: 'an apply to a mounted layer',
    call: ['apply', 'a'],
    after: { layers: { a: 'unpacked' }, ...SMALL },
    writes: 'a',
  },
  {
    title: 'a create on a mounted parent',
    call: ['create', 'b', { parent: 'a' }],
    after: { layers: { a: 'unpacked', b: 'unpacked' }, ...SMALL },
  },
  {
    title: 'a remove',
    call: ['remove', 'b'],
    after: { layers: { a: 'unpacked' }, ...SMALL },
  },
  {
    title: 'an open that grows base device and pool',
    call: ['open', sizesOf(LARGE)],
    after: { layers: { a: 'unpacked' }, ...LARGE },
  },
  {
    title: 'a create of a layer that is larger than its parent',
    call: ['create', 'c', { parent: 'a', size: 64 * MiB }],
    after: { layers: { a: 'unpacked', c: 'unpacked' }, ...LARGE },
  },
  {
    title: 'a shutdown',
    call: ['shutdown'],
    after: { layers: { a: 'unpacked', c: 'unpacked' }, ...LARGE },
  },
];

const MODE = 0o644;

/** The files of the tar. */
export const MEMBERS: readonly Member[] = [
  { name: './', type: 'directory', mode: 0o755 },
  { name: 'etc/', type: 'directory', mode: 0o755 },
  { name: 'etc/motd', mode: MODE, bytes: 'from the image' },
  { name: 'etc/hosts', mode: MODE, bytes: '127.0.0.1 localhost\n' },
  { name: 'etc/link', type: 'symlink', linkname: 'motd' },
  { name: 'bin/', type: 'directory', mode: 0o700 },
  ...Array.from({ length: 8 }, (_, index) => ({
    name: `bin/tool${index}`,
    mode: 0o755,
    bytes: Buffer.alloc(40_000 * (index + 1), `tool ${index} `),
  })),
  { name: 'bin/same', type: 'link', linkname: 'bin/tool1' },
];

/** The places of a storage. */
export interface Places {
  readonly root: string;
  /** The options that name the pool. */
  readonly options: readonly string[];
  /** The tar to apply. */
  readonly tar: string;
}

/** The caller of a storage. Disposing of it closes the storage. */
export class Caller implements AsyncDisposable {
  readonly #places: Places;
  #storage: DevicemapperStorage | undefined;

  constructor(places: Places) {
    this.#places = places;
  }

  /** The open storage. */
  get storage(): DevicemapperStorage {
    if (this.#storage === undefined) throw new Error('the storage is not open');
    return this.#storage;
  }

  /** Open the storage, by default without a size option: then files and devices keep their sizes. */
  async open(sizes: readonly string[] = []): Promise<void> {
    await this.#storage?.close();
    this.#storage = undefined;
    const { root, options } = this.#places;
    const storageOptions = [FILESYSTEM, ...options, ...sizes];
    this.#storage = await DevicemapperStorage.open({ root, storageOptions });
  }

  /** Carry out a call. */
  async carryOut(call: Call): Promise<void> {
    switch (call[0]) {
      case 'open':
        return this.open(call[1]);
      case 'create':
        return this.storage.create(call[1], call[2]);
      case 'mount':
        await this.storage.mount(call[1]);
        return;
      case 'apply':
        await this.storage.apply(call[1], undefined, createReadStream(this.#places.tar));
        return;
      case 'remove':
        return this.storage.remove(call[1]);
      case 'shutdown':
        return this.storage.shutdown();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#storage?.close();
  }
}
