// A history of a storage, recorded write by write, and the disks that a power cut leaves at any moment of it.

import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { logWrites, snapshot } from '../../../src/dm/targets/index.ts';
import { DeviceMapper } from '../../../src/index.ts';
import { attachLoop, detachLoop } from '../../../src/ioctl/index.ts';
import { Cleanups } from '../../../src/storage/layers/cleanups.ts';
import { writeTar } from '../docker/tar.ts';
import { MiB, uniqueName } from '../kernel/scratch.ts';
import { MEMBERS } from './history.ts';
import { mutatedNode, mutationEnvironment } from './mutate.ts';
import type { MutationName } from './mutations.ts';
import type { PowerCut, Survivor } from './power-cuts.ts';
import {
  type DiskKind,
  diskSize,
  formatDisk,
  mountDisk,
  type StorageDisk,
} from './storage-disk.ts';
import { type LogEntry, WriteLog } from './write-log.ts';

const PROGRAM = fileURLToPath(new URL('../../fixtures/logged-history.js', import.meta.url));
const SECTOR = 512;
/** A page: the unit in which a filesystem writes. */
const CHUNK = 8n;
const LOG = 1024 * MiB;
const STORE = 512 * MiB;
const RETRY_MS = 10_000;

/** How a history is recorded. */
export interface RecordingOptions extends DiskKind {
  /** A fault to put into the library that carries out the history. @default none */
  readonly mutation?: MutationName;
}

function sparse(path: string, size: number): string {
  writeFileSync(path, '');
  truncateSync(path, size);
  return path;
}

/** A recorded history. The disk only moves forwards in it. */
export class Recording implements AsyncDisposable {
  readonly kind: DiskKind;
  readonly entries: readonly LogEntry[];
  /** The tar that an apply unpacks. */
  readonly tar: string;
  readonly #cleanups: Cleanups;
  readonly #log: WriteLog;
  readonly #disk: { readonly fd: number; readonly loop: string; readonly store: string };
  #done = 0;

  private constructor(
    kind: DiskKind,
    parts: {
      readonly cleanups: Cleanups;
      readonly log: WriteLog;
      readonly tar: string;
      readonly disk: { readonly fd: number; readonly loop: string; readonly store: string };
    },
  ) {
    this.kind = kind;
    this.tar = parts.tar;
    this.#cleanups = parts.cleanups;
    this.#log = parts.log;
    this.#disk = parts.disk;
    this.entries = parts.log.entries;
  }

  /** Carry out the history on a new disk. */
  static async make({ mutation, ...kind }: RecordingOptions): Promise<Recording> {
    const cleanups = new Cleanups();
    try {
      const directory = mkdtempSync(join(tmpdir(), 'dmts-test-'));
      cleanups.defer(async () => rmSync(directory, { recursive: true }));
      const tar = join(directory, 'tar');
      await writeTar(tar, MEMBERS);
      const file = sparse(join(directory, 'disk'), diskSize(kind));
      await formatDisk(file, kind);
      const before = join(directory, 'before');
      execFileSync('cp', ['--sparse=always', file, before]);
      const logFile = sparse(join(directory, 'log'), LOG);
      await carryOutLogged({ kind, file, logFile, tar, mutation });
      rmSync(file);
      const log = new WriteLog(logFile);
      cleanups.defer(async () => log[Symbol.dispose]());
      const fd = openSync(before, 'r+');
      cleanups.defer(async () => closeSync(fd));
      const loop = await heldLoop(cleanups, before);
      const store = await heldLoop(cleanups, sparse(join(directory, 'store'), STORE));
      return new Recording(kind, { cleanups, log, tar, disk: { fd, loop, store } });
    } catch (error) {
      await cleanups.run();
      throw error;
    }
  }

  /**
   * Run `task` with the disk that a power cut leaves. What the task writes goes to a copy-on-write store, and is dropped
   * afterwards.
   */
  async after<T>(
    { certain, lucky }: PowerCut,
    task: (disk: StorageDisk) => Promise<T>,
  ): Promise<T> {
    if (certain < this.#done) throw new Error(`entry ${this.#done} is on the disk already`);
    for (; this.#done < certain; this.#done++) {
      this.#log.repeat(this.entries[this.#done]!, this.#disk.fd);
    }
    await using dm = await DeviceMapper.open();
    const name = uniqueName('cut');
    const { loop: origin, store: cow } = this.#disk;
    const length = diskSize(this.kind) / SECTOR;
    const target = snapshot({ length, origin, cow, store: 'N', chunkSize: CHUNK });
    const { path } = await dm.create(name, { table: [target] });
    try {
      this.#repeat(lucky, path);
      await using disk = await mountDisk(path, this.kind);
      return await task(disk);
    } finally {
      await dm.remove(name, { retryMs: RETRY_MS });
    }
  }

  #repeat(survivors: readonly Survivor[], device: string): void {
    if (survivors.length === 0) return;
    const fd = openSync(device, 'r+');
    for (const { index, from, to } of survivors) {
      this.#log.repeat(this.entries[index]!, fd, from, to);
    }
    fsyncSync(fd);
    closeSync(fd);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanups.run();
  }
}

async function heldLoop(cleanups: Cleanups, file: string): Promise<string> {
  const { path } = await attachLoop(file);
  cleanups.defer(() => detachLoop(path));
  return path;
}

/** Carry out the history on the disk in `file`, with a log of its writes in `logFile`. */
async function carryOutLogged({
  kind,
  file,
  logFile,
  tar,
  mutation,
}: {
  readonly kind: DiskKind;
  readonly file: string;
  readonly logFile: string;
  readonly tar: string;
  readonly mutation: MutationName | undefined;
}): Promise<void> {
  const cleanups = new Cleanups();
  try {
    const dm = cleanups.use(await DeviceMapper.open());
    const device = await heldLoop(cleanups, file);
    const logDevice = await heldLoop(cleanups, logFile);
    const name = uniqueName('logged');
    const target = logWrites({ length: diskSize(kind) / SECTOR, device, logDevice });
    const { path } = await dm.create(name, { table: [target] });
    cleanups.defer(async () => void (await dm.remove(name, { retryMs: RETRY_MS })));
    const { root, options } = cleanups.use(await mountDisk(path, kind));
    execFileSync(process.execPath, [...mutatedNode(), PROGRAM, name, root, tar, ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...(mutation && mutationEnvironment(mutation)) },
    });
  } finally {
    await cleanups.run();
  }
}
