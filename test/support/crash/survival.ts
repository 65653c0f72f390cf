// What a storage must have after a power cut: all that was acknowledged, and the last step wholly or not at all.

import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyDiff } from '../../../src/storage/diff/apply-diff.ts';
import { repairStorage } from '../../../src/storage/index.ts';
import { checkInvariants } from '../kernel/invariants.ts';
import { mountMended } from '../kernel/mended-mount.ts';
import { type Told, tellTree } from '../storage/diff/tree.ts';
import { strict } from './check.ts';
import { Caller, FILESYSTEM, HISTORY, type Known, type Step } from './history.ts';
import type { StorageDisk } from './storage-disk.ts';

/** The properties of files by path. */
export type Files = ReadonlyMap<string, Told>;

/** Every file of a tree except its top, whose time nobody sets. */
function filesOf(root: string): Files {
  const tree = tellTree(root);
  tree.delete('');
  return tree;
}

/** Every file of a tar, as it is after unpacking. */
export async function filesOfTar(tar: string): Promise<Files> {
  const directory = mkdtempSync(join(tmpdir(), 'dmts-test-'));
  try {
    await applyDiff(directory, createReadStream(tar));
    return filesOf(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What a power cut hit, what the layers contain, and how the storage is recovered. */
export interface Situation {
  /** By an open, or by a repair before it. */
  readonly recovery: 'open' | 'repair';
  readonly tar: string;
  readonly unpacked: Files;
  /** The number of acknowledged steps. */
  readonly acknowledged: number;
}

/** What a storage has before the first open. */
const NOTHING: Known = { layers: {}, baseSize: 0, files: { data: 0, metadata: 0 } };
const NO_FILES: Files = new Map();

const idsOf = ({ layers }: Known): string => Object.keys(layers).join();

/** Check I1 to I10 of crash safety on the disk that a power cut left. @throws Error with the first broken promise */
export async function checkSurvival(
  { root, options, metadata }: StorageDisk,
  { tar, unpacked, acknowledged, recovery }: Situation,
): Promise<void> {
  const before = HISTORY[acknowledged - 1]?.after ?? NOTHING;
  const step = HISTORY[acknowledged];
  const isNew = acknowledged === 0;
  const sizes = isNew && step?.call[0] === 'open' ? step.call[1] : [];
  const storageOptions = [FILESYSTEM, ...options, ...sizes];
  if (recovery === 'repair' && existsSync(join(root, 'metadata'))) {
    const { after } = await repairStorage({ root, storageOptions });
    strict.deepEqual(after.findings, [], 'a repair leaves nothing to repair');
  }
  const layers = await checkInvariants(strict, root, storageOptions, metadata);
  const allowed = [before, step?.after ?? before].map(idsOf);
  const isAllowed = allowed.includes(layers.join());
  strict.is(
    isAllowed,
    true,
    `I6: the layers are "${layers}", expected one of "${allowed.join('", "')}"`,
  );

  await using caller = new Caller({ root, options, tar });
  await caller.open(sizes);
  for (const id of layers) {
    if (id === step?.writes) {
      await mountMended(caller.storage, id);
      await caller.storage.unmount(id);
      continue;
    }
    const content = before.layers[id] ?? step?.after.layers[id];
    await checkContent(caller, id, content === 'empty' ? NO_FILES : unpacked, 'I7');
  }
  await checkSizes(caller, before, options, 'I6');
  if (step !== undefined) await again(caller, step, { options, unpacked });
  await caller.storage.shutdown();
}

async function checkContent(
  { storage }: Caller,
  id: string,
  expected: Files,
  invariant: string,
): Promise<void> {
  const content = await mountMended(storage, id);
  strict.deepEqual(filesOf(content), expected, `${invariant}: the content of layer ${id}`);
  await storage.unmount(id);
}

/** The storage has at least the sizes that were acknowledged. */
async function checkSizes(
  { storage }: Caller,
  { baseSize, files }: Known,
  options: readonly string[],
  invariant: string,
): Promise<void> {
  const { baseSize: base, data, metadata } = await storage.status();
  strict.is(base >= baseSize, true, `${invariant}: the base device has ${base} bytes`);
  // Devices have the sizes of their slices.
  if (options.length > 0) return;
  const isAsLarge = data.total >= files.data && metadata.total >= files.metadata;
  const sizes = `${data.total} bytes of data and ${metadata.total} of metadata`;
  strict.is(isAsLarge, true, `${invariant}: the pool has ${sizes}`);
}

/** Repeat the step that was not acknowledged. */
async function again(
  caller: Caller,
  { call, after, writes }: Step,
  { options, unpacked }: { readonly options: readonly string[]; readonly unpacked: Files },
): Promise<void> {
  const isDone = call[0] === 'create' && caller.storage.exists(call[1]);
  if (!isDone) await caller.carryOut(call);
  if (call[0] === 'shutdown') return;
  const ids = caller.storage.layers().map(({ id }) => id);
  strict.is(ids.join(), idsOf(after), 'I9: the layers');
  await checkSizes(caller, after, options, 'I9');
  const written = call[0] === 'create' ? call[1] : writes;
  if (written === undefined) return;
  const expected = after.layers[written] === 'empty' ? NO_FILES : unpacked;
  await checkContent(caller, written, expected, 'I9');
}
