// The kill sweep of volumes: a process that works on them is killed at a system call, the next process opens the directory, and
// every promise is checked.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeviceMapper } from '../../../src/index.ts';
import { Volumes } from '../../../src/volumes/index.ts';
import { strict } from '../crash/check.ts';
import {
  bundleProgram,
  type CountedCall,
  type Point,
  type Run,
  runCounted,
} from '../crash/kill-at.ts';
import { full, writeSectors } from '../kernel/device-io.ts';
import { uniqueName } from '../kernel/scratch.ts';
import { removePool } from '../kernel/thin.ts';
import {
  IMAGE,
  KILL_POOL,
  type Letters,
  TARGET,
  TEMPLATE,
  VOLUME_OPERATIONS,
  VOLUME_SIZE,
  type VolumeOperation,
} from './kill-operations.ts';

const PROGRAM = fileURLToPath(new URL('../../fixtures/volumes-op.js', import.meta.url));

/** A point of an operation. */
export interface VolumePoint extends Point {
  readonly title: string;
  /** The name of the call. */
  readonly name: string;
}

/** Directories for the points, in one scratch directory. */
export class VolumeSweep implements AsyncDisposable {
  readonly #scratch: string;
  readonly #dm: DeviceMapper;
  readonly #name = uniqueName('vols');
  #copies = 0;

  private constructor(scratch: string, dm: DeviceMapper) {
    this.#scratch = scratch;
    this.#dm = dm;
  }

  /** Makes the template. */
  static async make(): Promise<VolumeSweep> {
    const scratch = mkdtempSync(join(tmpdir(), 'dmts-crash-'));
    const sweep = new VolumeSweep(scratch, await DeviceMapper.open());
    writeFileSync(join(scratch, 'image'), Buffer.alloc(VOLUME_SIZE, 'i'));
    const volumes = await sweep.#ensure(join(scratch, 'template'));
    await volumes.create('a', { size: VOLUME_SIZE });
    await mark(volumes, 'a');
    await volumes.clone('a', 'b');
    await mark(volumes, 'b');
    await volumes.shutdown();
    return sweep;
  }

  #ensure(dir: string): Promise<Volumes> {
    return Volumes.ensure(this.#dm, this.#name, { dir, ...KILL_POOL });
  }

  /** The points of an operation: the entries of its calls, then their exits. */
  async pointsOf(title: string): Promise<readonly VolumePoint[]> {
    const { from = '' } = operationOf(title);
    const { calls } = await this.#withCopy(title, (room) => this.#run(title, room, ['list']));
    const own = calls.slice(calls.findIndex(({ after }) => after === from));
    return (['entry', 'exit'] as const).flatMap((side) =>
      own
        .filter(({ name }) => side === 'entry' || name !== 'exit_group')
        .map(({ number, name }) => ({ title, side, number, name })),
    );
  }

  /** Kills the operation at a point, and checks every promise. @returns the first broken one */
  async violationAt({ title, side, number }: VolumePoint): Promise<string | undefined> {
    return this.#withCopy(title, async (room) => {
      let call: CountedCall | undefined;
      try {
        const { printed, calls } = this.#run(title, room, [side, String(number)]);
        call = calls.at(-1);
        const acknowledged = printed.length > operationOf(title).steps.length;
        await this.#check(title, room, acknowledged);
        return undefined;
      } catch (error) {
        return `${title}, ${side} of call ${number}, ${call?.text}: ${(error as Error).message}`;
      }
    });
  }

  async #withCopy<T>(title: string, task: (room: string) => T | Promise<T>): Promise<T> {
    const room = join(this.#scratch, `point-${this.#copies++}`);
    if (!operationOf(title).isNew) {
      execFileSync('cp', ['--archive', '--sparse=always', join(this.#scratch, 'template'), room]);
    }
    try {
      return await task(room);
    } finally {
      await removePool(this.#dm, this.#name);
      // Without udevd a killed process leaves the nodes of its devices.
      await this.#dm.makeNodes();
      for (const path of [room, targetOf(room)]) rmSync(path, { recursive: true, force: true });
    }
  }

  #run(title: string, room: string, how: readonly string[]): Run {
    const steps = this.#stepsOf(title, room);
    const words = [bundleProgram(PROGRAM), room, this.#name, JSON.stringify(steps)];
    return runCounted([process.execPath, ...words], how);
  }

  #stepsOf(title: string, room: string): readonly (readonly unknown[])[] {
    const places = new Map<unknown, string>([
      [IMAGE, join(this.#scratch, 'image')],
      [TARGET, targetOf(room)],
    ]);
    return operationOf(title).steps.map((step) => step.map((word) => places.get(word) ?? word));
  }

  async #check(title: string, room: string, acknowledged: boolean): Promise<void> {
    const operation = operationOf(title);
    const volumes = await this.#ensure(room);
    try {
      await checkThins(volumes, room);
      await this.#checkDevices(volumes);
      const letters = await lettersOf(volumes);
      const allowed = (acknowledged ? [operation.after] : [operation.before, operation.after]).map(
        (one) => JSON.stringify(one),
      );
      strict.is(
        allowed.includes(JSON.stringify(letters)),
        true,
        `the volumes are ${JSON.stringify(letters)}, expected one of ${allowed.join(', ')}`,
      );
      if (operation.exports) checkExport(targetOf(room), acknowledged);
      await this.#repeat(title, room, volumes, letters);
      await checkThins(volumes, room);
      strict.deepEqual(await lettersOf(volumes), operation.after, 'after the repetition');
      for (const { name, size } of await volumes.list()) {
        strict.is(Number(size), operation.sizes?.[name] ?? VOLUME_SIZE, `the size of ${name}`);
      }
    } finally {
      for (const { name } of await volumes.list()) await volumes.deactivate(name);
      await volumes.shutdown();
    }
    const metadata = join(room, 'metadata');
    strict.notThrows(() => execFileSync('thin_check', [metadata], { stdio: 'pipe' }), 'thin_check');
  }

  /** No device of the pool is suspended, without a table, or unknown. */
  async #checkDevices(volumes: Volumes): Promise<void> {
    const names = (await volumes.list()).map(({ name }) => `${this.#name}-${name}`);
    for (const { name, dev } of await this.#dm.list()) {
      if (!name.startsWith(this.#name)) continue;
      const { suspended, live, inactive } = await this.#dm.info({ dev });
      const state = { suspended, live, inactive };
      strict.deepEqual(state, { suspended: false, live: true, inactive: false }, name);
      strict.is(name === this.#name || names.includes(name), true, `device ${name} is a volume's`);
    }
  }

  /** Repeats the last step, unless the volumes show its effect. */
  async #repeat(title: string, room: string, volumes: Volumes, letters: Letters): Promise<void> {
    const { after, before, exports } = operationOf(title);
    const isDone = exports
      ? existsSync(targetOf(room))
      : JSON.stringify(before) !== JSON.stringify(after) &&
        JSON.stringify(letters) === JSON.stringify(after);
    const [method, ...args] = (this.#stepsOf(title, room).at(-1) ?? ['list']) as [string];
    if (isDone || method === 'shutdown') return;
    const methods = volumes as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
    await methods[method]!.apply(volumes, args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removePool(this.#dm, this.#name);
    this.#dm.close();
    rmSync(this.#scratch, { recursive: true });
  }
}

function operationOf(title: string): VolumeOperation {
  const operation = VOLUME_OPERATIONS[title];
  if (operation !== undefined) return operation;
  throw new Error(`invalid operation: ${title}`);
}

const targetOf = (room: string): string => `${room}.export`;

/** Writes the name of a volume at its start. */
async function mark(volumes: Volumes, name: string): Promise<void> {
  const { path } = await volumes.activate(name);
  writeSectors(path, 0, full(name, 8));
  await volumes.deactivate(name);
}

/** The letters of all volumes, which may be active. */
async function lettersOf(volumes: Volumes): Promise<Letters> {
  const letters: Record<string, string> = {};
  for (const { name, path } of await volumes.list()) {
    const device = path ?? (await volumes.activate(name, { readOnly: true })).path;
    const [first = 0] = execFileSync('dd', [
      `if=${device}`,
      'bs=4096',
      'count=1',
      'iflag=direct',
      'status=none',
    ]);
    letters[name] = first === 0 ? '.' : String.fromCharCode(first);
    if (path === undefined) await volumes.deactivate(name);
  }
  return letters;
}

/** Each thin device has a record, and nothing is spare or left. */
async function checkThins(volumes: Volumes, room: string): Promise<void> {
  const ids = [...(await volumes.pool.thinDetails()).keys()].toSorted();
  const recorded = (await volumes.list()).map(({ id }) => id).toSorted();
  strict.deepEqual(ids, recorded, 'the thin devices of the pool');
  strict.deepEqual(readdirSync(join(room, 'spares')), [], 'the spare thin devices');
  const names = (await volumes.list()).map(({ name }) => name);
  const files = readdirSync(join(room, 'volumes')).filter((name) => name !== '.reserve');
  strict.deepEqual(files.toSorted(), [...names].toSorted(), 'the records');
  const others = readdirSync(room).toSorted();
  strict.deepEqual(others, ['data', 'metadata', 'pool.json', 'spares', 'volumes'], 'the files');
}

/** The exported file is complete, or does not exist. */
function checkExport(target: string, acknowledged: boolean): void {
  if (!acknowledged && !existsSync(target)) return;
  const bytes = readFileSync(target);
  strict.is(bytes.length, VOLUME_SIZE, 'the size of the exported file');
  strict.is(String.fromCharCode(bytes[0]!), TEMPLATE['a'], 'the exported file');
}
