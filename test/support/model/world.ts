// A device mapper with disks, and the execution of steps in it.

import {
  type DeviceInfo,
  DeviceMapper,
  type DeviceRef,
  InputError,
  isDmError,
  makeDev,
  type TargetInput,
  type Transport,
  type Version,
} from '../../../src/index.ts';
import {
  type ModelDisk,
  type ModelKernelOptions,
  modelKernel,
} from '../../../src/testing/index.ts';
import type { Line, Ref, Step } from './steps.ts';

/** A separate device mapper, real or a model. */
export interface World {
  readonly dm: DeviceMapper;
  readonly version: Version;
  readonly major: number;
  readonly disks: Disks;
  readonly holds: Holds;
  /** Time limit of a deferred removal and its closes, in milliseconds. */
  readonly settleMs: number;
}

/** Opens a device of a world, like a program. */
export interface Opener {
  /** @throws an error with the code 'ENOENT' if the device has no node yet */
  readonly open: (info: DeviceInfo) => () => Promise<void>;
}

/** The holders of a world other than tables. */
export class Holds {
  readonly #dm: DeviceMapper;
  readonly #opener: Opener;
  readonly #closers = new Map<bigint, (() => Promise<void>)[]>();

  constructor(dm: DeviceMapper, opener: Opener) {
    this.#dm = dm;
    this.#opener = opener;
  }

  count(dev: bigint): number {
    return this.#closers.get(dev)?.length ?? 0;
  }

  async hold(ref: DeviceRef): Promise<void> {
    const info = await this.#dm.info(ref);
    const close = this.#opener.open(info);
    this.#closers.set(info.dev, [...(this.#closers.get(info.dev) ?? []), close]);
  }

  async release(ref: DeviceRef): Promise<void> {
    const { dev } = await this.#dm.info(ref);
    const close = this.#closers.get(dev)?.pop();
    if (close === undefined) throw Object.assign(new Error('not open'), { code: 'EBADF' });
    await close();
  }

  async releaseAll(): Promise<void> {
    for (const closers of this.#closers.values()) {
      for (const close of closers.splice(0)) await close();
    }
  }
}

/** The disks of a world, by their words in steps. */
export type Disks = Readonly<Record<'data0' | 'data1' | 'meta0' | 'meta1', ModelDisk>>;

/** Disks of a model kernel. */
export const PAPER_DISKS: Disks = {
  data0: { dev: '7:0', path: '/dev/loop0', sectors: 32_768 },
  data1: { dev: '7:1', path: '/dev/loop1', sectors: 32_768 },
  meta0: { dev: '7:2', path: '/dev/loop2', sectors: 4096 },
  meta1: { dev: '7:3', path: '/dev/loop3', sectors: 4096 },
};

/** A model kernel with disks. `between` can wrap its transport. */
export async function modelWorld(
  disks: Disks,
  options: Omit<ModelKernelOptions, 'disks'> = {},
  between: (kernel: Transport) => Transport = (kernel) => kernel,
): Promise<World> {
  const kernel = modelKernel({ ...options, disks: Object.values(disks) });
  const dm = await DeviceMapper.open({ transport: between(kernel) });
  // Close the opened device even if it was renamed meanwhile.
  const nameNow = async (dev: bigint): Promise<string> => (await dm.info({ dev })).mangledName;
  const open = ({ dev, mangledName }: DeviceInfo) => {
    try {
      kernel.hold(mangledName);
    } catch (error) {
      throw error instanceof RangeError ? Object.assign(error, { code: 'ENOENT' }) : error;
    }
    return async () => kernel.release(await nameNow(dev));
  };
  const major = options.major ?? 253;
  const holds = new Holds(dm, { open });
  return { dm, version: await dm.version(), major, disks, holds, settleMs: 0 };
}

/** The outcome of a step: its result, or the error of the library. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly code: string; readonly command?: string; readonly field?: string };

/** Limit in milliseconds, long enough for an emulated machine. A longer call hangs. */
const HANGS_MS = 60_000;

/** Do a step. Errors that are not outcomes are thrown. */
export async function perform(world: World, step: Step): Promise<Outcome> {
  try {
    return { value: await run(world, step, AbortSignal.timeout(HANGS_MS)) };
  } catch (error) {
    if (isDmError(error)) {
      const { code, command, field } = error;
      return { code, ...(command && { command }), ...(field && { field }) };
    }
    if (error instanceof InputError) return { code: error.code, field: error.field };
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EBADF') return { code };
    throw error;
  }
}

function refIn({ major }: World, ref: Ref): DeviceRef {
  if ('minor' in ref) return { dev: makeDev(major, ref.minor) };
  if ('name' in ref || 'uuid' in ref) return ref;
  throw new TypeError('the step has unresolved devices');
}

function tableIn({ major, disks }: World, table: readonly Line[]): readonly TargetInput[] {
  return table.map(({ params, ...line }) => ({
    ...line,
    params: params
      .replace(/\$dm(\d+)/g, (_, minor) => `${major}:${minor}`)
      .replaceAll('$path0', disks.data0.path!)
      .replace(/\$((?:data|meta)\d)/g, (_, disk: keyof Disks) => disks[disk].dev),
  }));
}

async function run(world: World, step: Step, signal: AbortSignal): Promise<unknown> {
  const { dm } = world;
  switch (step.do) {
    case 'create': {
      const { name, table, ...rest } = step;
      const options = { ...rest, signal, ...(table && { table: tableIn(world, table) }) };
      return dm.create(name, options);
    }
    case 'load':
    case 'reload': {
      const { readOnly } = step;
      const table = tableIn(world, step.table);
      return dm[step.do](refIn(world, step.ref), table, { readOnly, signal });
    }
    case 'suspend':
    case 'resume':
      return dm[step.do](refIn(world, step.ref), { noFlush: step.noFlush, signal });
    case 'clear':
      return dm.clear(refIn(world, step.ref), { signal });
    case 'cancel':
      return dm.cancelDeferredRemove(refIn(world, step.ref), { signal });
    case 'rename':
      return dm.rename(refIn(world, step.ref), step.to, { signal });
    case 'setUuid':
      return dm.setUuid(refIn(world, step.ref), step.uuid, { signal });
    case 'remove':
      return dm.remove(refIn(world, step.ref), { ...step, signal });
    case 'removeAll':
      return dm.removeAll({ ...step, signal });
    case 'message': {
      const core = step.text.startsWith('@');
      return dm.message(refIn(world, step.ref), step.text, { sector: step.sector, core, signal });
    }
    case 'geometry': {
      const geometry = { cylinders: 1, heads: 1, sectors: 1, start: step.start };
      return dm.setGeometry(refIn(world, step.ref), geometry, { signal });
    }
    case 'info':
      return dm.info(refIn(world, step.ref), step);
    case 'status':
    case 'table':
      return dm[step.do](refIn(world, step.ref), { inactive: step.inactive, signal });
    case 'deps':
      return dm.deps(refIn(world, step.ref), step);
    case 'wait':
      // No device has reached this counter, so the call returns at once.
      return dm.wait(refIn(world, step.ref), { eventNr: 0xffff, signal });
    default:
      return world.holds[step.do](refIn(world, step.ref));
  }
}
