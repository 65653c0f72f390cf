// What a storage must have after a power cut: all that was acknowledged, and the last step wholly or not at all.

import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { applyDiff } from '../../../src/storage/diff/apply/apply.ts';
import { repairStorage } from '../../../src/storage/index.ts';
import { checkInvariants } from '../kernel/invariants.ts';
import { type Told, tellTree } from '../storage/diff/tree.ts';
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

/** What a power cut hit, and what the layers contain. */
export interface Situation {
  readonly tar: string;
  readonly unpacked: Files;
  /** The number of acknowledged steps. */
  readonly acknowledged: number;
}

/** What a storage has before the first open. */
const NOTHING: Known = { layers: {}, baseSize: 0, files: { data: 0, metadata: 0 } };
const NO_FILES: Files = new Map();

const idsOf = ({ layers }: Known): string => Object.keys(layers).join();

/** Check I1 to I10 of crash safety on the disk that a power cut left. */
export async function checkSurvival(
  t: ExecutionContext,
  { root, options, metadata }: StorageDisk,
  { tar, unpacked, acknowledged }: Situation,
): Promise<void> {
  const before = HISTORY[acknowledged - 1]?.after ?? NOTHING;
  const step = HISTORY[acknowledged];
  const isNew = acknowledged === 0;
  const sizes = isNew && step?.call[0] === 'open' ? step.call[1] : [];
  const storageOptions = [FILESYSTEM, ...options, ...sizes];
  if (existsSync(join(root, 'metadata'))) {
    const { after } = await repairStorage({ root, storageOptions });
    t.deepEqual(after.findings, [], 'a repair leaves nothing to repair');
  }
  const layers = await checkInvariants(t, root, storageOptions, metadata);
  const allowed = [before, step?.after ?? before].map(idsOf);
  t.true(allowed.includes(layers.join()), `I6: the layers are ${layers}, expected ${allowed}`);

  await using caller = new Caller({ root, options, tar });
  await caller.open(sizes);
  for (const id of layers) {
    if (id === step?.writes) continue;
    const content = before.layers[id] ?? step?.after.layers[id];
    await checkContent(t, caller, id, content === 'empty' ? NO_FILES : unpacked, 'I7');
  }
  await checkSizes(t, caller, before, options, 'I6');
  if (step !== undefined) await again(t, caller, step, { options, unpacked });
  await caller.storage.shutdown();
}

async function checkContent(
  t: ExecutionContext,
  { storage }: Caller,
  id: string,
  expected: Files,
  invariant: string,
): Promise<void> {
  const content = await storage.mount(id);
  t.deepEqual(filesOf(content), expected, `${invariant}: the content of layer ${id}`);
  await storage.unmount(id);
}

/** The storage has at least the sizes that were acknowledged. */
async function checkSizes(
  t: ExecutionContext,
  { storage }: Caller,
  { baseSize, files }: Known,
  options: readonly string[],
  invariant: string,
): Promise<void> {
  const { baseSize: base, data, metadata } = await storage.status();
  t.true(base >= baseSize, `${invariant}: the base device has ${base} bytes`);
  // Devices have the sizes of their slices.
  if (options.length > 0) return;
  t.true(data.total >= files.data, `${invariant}: the pool has ${data.total} bytes of data`);
  t.true(metadata.total >= files.metadata, `${invariant}: ${metadata.total} bytes of metadata`);
}

/** Repeat the step that was not acknowledged. */
async function again(
  t: ExecutionContext,
  caller: Caller,
  { call, after, writes }: Step,
  { options, unpacked }: { readonly options: readonly string[]; readonly unpacked: Files },
): Promise<void> {
  const isDone = call[0] === 'create' && caller.storage.exists(call[1]);
  if (!isDone) await caller.carryOut(call);
  if (call[0] === 'shutdown') return;
  const ids = caller.storage.layers().map(({ id }) => id);
  t.is(ids.join(), idsOf(after), 'I9: the layers');
  await checkSizes(t, caller, after, options, 'I9');
  const written = call[0] === 'create' ? call[1] : writes;
  if (written === undefined) return;
  const expected = after.layers[written] === 'empty' ? NO_FILES : unpacked;
  await checkContent(t, caller, written, expected, 'I9');
}
