// The tests of moby's suite for all drivers (graphtest) that it never ran for this one, each under its name. The
// expectations are moby's; the test code is not. The tests that moby did run are in storage-moby.test.ts.

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB } from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot, withMounted } from '../../support/kernel/storage.ts';
import { inLetters } from '../../support/storage/diff/tree.ts';

/** Create files in a directory, from the suite's own trees. */
const PER_DIRECTORY = 100;

const fileAt = (i: number): string =>
  join(`directory-${i - (i % PER_DIRECTORY)}`, `file-${i % PER_DIRECTORY}`);
const contentOf = (i: number, seed: number): string => `${seed} ${i} `.repeat(10);

/** graphtest's addManyFiles: files in directories of a hundred, each with distinct content. */
function addManyFiles(root: string, count: number, seed: number): void {
  for (let i = 0; i < count; i++) {
    mkdirSync(join(root, fileAt(i), '..'), { recursive: true });
    writeFileSync(join(root, fileAt(i)), contentOf(i, seed));
  }
}

function checkManyFiles(t: ExecutionContext, root: string, count: number, seed: number): void {
  for (let i = 0; i < count; i++) {
    t.is(readFileSync(join(root, fileAt(i)), 'utf8'), contentOf(i, seed), fileAt(i));
  }
}

/** graphtest's changeManyFiles: of every three files one is modified, one gets a new sibling, one is deleted. */
function changeManyFiles(root: string, count: number, seed: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const path = fileAt(i);
    if (i % PER_DIRECTORY === 0) lines.push(`C /directory-${i}`);
    if (i % 3 === 0) {
      appendFileSync(join(root, path), contentOf(i, seed));
      lines.push(`C /${path}`);
    } else if (i % 3 === 1) {
      writeFileSync(join(root, `${path}-new`), contentOf(i, seed));
      lines.push(`A /${path}-new`);
    } else {
      rmSync(join(root, path));
      lines.push(`D /${path}`);
    }
  }
  return lines.sort();
}

const DEPTH = 20;

test(`DriverTestDeepLayerRead: ${DEPTH} layers`, async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('layer-0');
  await withMounted(storage, 'layer-0', (root) =>
    writeFileSync(join(root, 'testfile.txt'), 'bottom'),
  );
  for (let depth = 1; depth <= DEPTH; depth++) {
    await storage.create(`layer-${depth}`, { parent: `layer-${depth - 1}` });
    await withMounted(storage, `layer-${depth}`, (root) =>
      writeFileSync(join(root, `layer-${depth}.txt`), String(depth)),
    );
  }
  await withMounted(storage, `layer-${DEPTH}`, (root) => {
    t.is(readFileSync(join(root, 'testfile.txt'), 'utf8'), 'bottom');
    for (let depth = 1; depth <= DEPTH; depth++) {
      t.is(readFileSync(join(root, `layer-${depth}.txt`), 'utf8'), String(depth));
    }
  });
  await storage.shutdown();
});

test('DriverTestSetQuota', async (t) => {
  const storage = await openStorage(t, storageRoot(t), ['dm.basesize=32M']);
  await storage.create('limited', { size: BigInt(50 * MiB) });
  await withMounted(storage, 'limited', (root) => {
    const write = (name: string, mebibytes: number): string =>
      spawnSync(
        'dd',
        ['if=/dev/zero', `of=${join(root, name)}`, 'bs=1M', `count=${mebibytes}`, 'conv=fsync'],
        {
          encoding: 'utf8',
        },
      ).stderr;
    t.notRegex(write('small', 25), /No space/);
    t.regex(write('large', 50), /No space left on device/);
    rmSync(join(root, 'large'));
  });
  for (const size of [BigInt(40 * MiB), BigInt(60 * MiB + 1)]) {
    await t.throwsAsync(storage.create('other', { parent: 'limited', size }), {
      code: 'ERR_LAYER_SIZE',
    });
  }
  await storage.shutdown();
});

const REMOVED = ['file-remove.txt', 'var'];
const FILES = 10;

test('DriverTestDiffApply', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('lower');
  await withMounted(storage, 'lower', (root) => {
    addManyFiles(root, FILES, 3);
    writeFileSync(join(root, 'file-remove.txt'), 'This file should get removed in upper!');
    mkdirSync(join(root, 'var/lib'), { recursive: true });
  });
  await storage.create('upper', { parent: 'lower' });
  await withMounted(storage, 'upper', (root) => {
    addManyFiles(root, FILES, 6);
    for (const path of REMOVED) rmSync(join(root, path), { recursive: true });
  });
  const size = await storage.diffSize('upper', 'lower');
  await storage.create('diff', { parent: 'lower' });
  await withMounted(storage, 'diff', (root) => {
    checkManyFiles(t, root, FILES, 3);
    for (const path of REMOVED) t.true(existsSync(join(root, path)), path);
  });
  const tar = await storage.diff('upper', 'lower');
  t.is((await storage.apply('diff', 'lower', tar)).bytes, size);
  await withMounted(storage, 'diff', (root) => {
    checkManyFiles(t, root, FILES, 6);
    for (const path of REMOVED) t.false(existsSync(join(root, path)), path);
  });
  t.deepEqual(await inLetters(storage.changes('diff', 'upper')), []);
  await storage.shutdown();
});

test('DriverTestChanges', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('lower');
  await withMounted(storage, 'lower', (root) => addManyFiles(root, 20, 3));
  await storage.create('upper', { parent: 'lower' });
  const expected = await withMounted(storage, 'upper', (root) => changeManyFiles(root, 20, 6));
  t.deepEqual((await inLetters(storage.changes('upper', 'lower'))).sort(), expected);
  await storage.shutdown();
});

test('nothing is left', assertNothingLeft);
