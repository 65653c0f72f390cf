// Opens a storage whose files are in a hostile state, and checks what the storage may never do: lose a layer silently, delete
// a thin device that a record names, change a directory that it refuses, or fail with another error than its own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { DeviceMapper } from '../../../../src/index.ts';
import { layoutOf } from '../../../../src/storage/directory/layout.ts';
import { DevicemapperStorage, isStorageError } from '../../../../src/storage/index.ts';
import { isPoolError } from '../../../../src/thin/index.ts';
import { readThinDevices } from '../../../../src/thin/metadata/device-details.ts';
import { SMALL } from '../storage.ts';
import { listing } from './directory.ts';

/** A storage that is shut down, and what it must keep. */
export interface Subject {
  readonly root: string;
  readonly dm: DeviceMapper;
  /** The layers that no longer exist only if the storage refuses to open. */
  readonly layers: readonly string[];
  /** The thin ids that must stay. */
  readonly thins: readonly number[];
  readonly storageOptions?: readonly string[];
}

/** One hostile state. */
export interface Trial {
  readonly what: string;
  /** What an error must match: the file, or what the storage compares with it. */
  readonly names: RegExp;
  /** The storage must refuse to open, or must open. @default either */
  readonly must?: 'refuse' | 'open';
  /** An open may change the files: it completes what they describe. @default false */
  readonly changes?: boolean;
  /** Layers that the file itself renames or marks as deleted. @default [] */
  readonly free?: readonly string[];
  /** The file may name the layers otherwise: only their number counts. @default false */
  readonly renames?: boolean;
  /** Also open it as a view, which takes longer: it reads a refused record again. @default false */
  readonly view?: boolean;
}

/** A number of trials, and the time that they took. */
interface Count {
  cases: number;
  ms: number;
}

const said = ({ cases, ms }: Count, ended: string): string =>
  `${cases} ${ended} (${Math.round(ms / 1000)} s)`;

/** How trials ended. */
export interface Tally {
  readonly refused: Count;
  readonly opened: Count;
  /** The most memory that the process had, over that at its start, in MiB. */
  readonly memory: () => number;
}

/** A line of /proc/self/status, in MiB. */
function statusOf(key: string): number {
  const [, kib] = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(
    readFileSync('/proc/self/status', 'utf8'),
  )!;
  return Number(kib) / 1024;
}

/** Starts to count. */
export function startTally(): Tally {
  const start = statusOf('VmRSS');
  return {
    refused: { cases: 0, ms: 0 },
    opened: { cases: 0, ms: 0 },
    memory: () => Math.round(statusOf('VmHWM') - start),
  };
}

/** The largest growth of the process, in MiB. */
export const MEMORY_MAX = 100;

/** The thin ids in the pool of a storage that is shut down. */
export async function thinIds(root: string): Promise<readonly number[]> {
  const device = join(root, 'devicemapper/metadata');
  return [...(await readThinDevices({ name: 'pool', device })).keys()].toSorted((a, b) => a - b);
}

type Outcome =
  | { readonly layers: readonly string[]; readonly notices: readonly string[] }
  | { readonly error: Error };

async function openAll({ root, dm, storageOptions = SMALL }: Subject): Promise<Outcome> {
  let storage: DevicemapperStorage;
  try {
    storage = await DevicemapperStorage.open({ root, dm, storageOptions });
  } catch (error) {
    return { error: error as Error };
  }
  const layers = storage.layers().map(({ id }) => id);
  const { notices } = storage;
  // The deletions that an open begins by itself.
  await storage.deletePending();
  await storage.shutdown();
  return { layers, notices };
}

async function look({ root, dm, storageOptions = SMALL }: Subject): Promise<Outcome> {
  try {
    await using view = await DevicemapperStorage.open({ root, dm, storageOptions, readOnly: true });
    const layers = view.layers().map(({ id }) => id);
    await view.status();
    return { layers, notices: [] };
  } catch (error) {
    return { error: error as Error };
  }
}

/** Opens the storage for changes and as a view, and checks the result. */
export async function attemptOpen(
  t: ExecutionContext,
  subject: Subject,
  trial: Trial,
  tally: Tally,
): Promise<readonly string[]> {
  const { root, dm } = subject;
  const { what, names, must, changes = false, free = [], renames, view = false } = trial;
  const begun = performance.now();
  const before = listing(root);
  const outcomes: Outcome[] = [];
  if (view) outcomes.push(await look(subject));
  if (view) t.deepEqual(listing(root), before, `${what}: the view changes nothing`);
  const opened = await openAll(subject);
  for (const outcome of [...outcomes, opened]) {
    if ('error' in outcome) {
      const { error } = outcome;
      const isOurs = isStorageError(error) || isPoolError(error);
      if (!isOurs) t.fail(`${what}: ${error.stack}`);
      t.regex(error.message, names, `${what}: the error names the file`);
    } else {
      const expected = subject.layers.filter((id) => !free.includes(id));
      const layers = outcome.layers.filter((id) => !free.includes(id));
      if (renames) t.is(layers.length, expected.length, `${what}: all layers show`);
      else t.deepEqual(layers, expected, `${what}: all layers show`);
    }
  }
  const refused = 'error' in opened;
  if (refused || !changes) t.deepEqual(listing(root), before, `${what}: nothing changes`);
  if (must !== undefined) t.is(refused ? 'refuse' : 'open', must, what);
  const count = tally[refused ? 'refused' : 'opened'];
  count.cases += 1;
  count.ms += performance.now() - begun;
  const { prefix } = await layoutOf(root);
  const devices = (await dm.list()).map(({ name }) => name);
  t.deepEqual(
    devices.filter((name) => name.startsWith(prefix)),
    [],
    `${what}: no device is left`,
  );
  return refused ? [] : opened.notices;
}

/** Checks that every thin device is still there. */
export async function assertThins(
  t: ExecutionContext,
  { root, thins }: Subject,
  what: string,
): Promise<void> {
  const now = await thinIds(root);
  const lost = thins.filter((id) => !now.includes(id));
  t.deepEqual(lost, [], `${what}: no thin device is deleted`);
}

/** Prints the number of cases, and checks the memory. */
export function report(t: ExecutionContext, title: string, tally: Tally): void {
  const { refused, opened, memory } = tally;
  const growth = memory();
  const all = refused.cases + opened.cases;
  t.log(
    `${title}: ${all} cases, ${said(refused, 'refused')}, ${said(opened, 'opened')}, ${growth} MiB`,
  );
  t.true(growth < MEMORY_MAX, `the process grew by ${growth} MiB`);
  t.true(all > 0);
}
