// Packing and unpacking are inverse: the tar of a layer, unpacked on a copy of the layer below, gives the layer again.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { applyDiff } from '../../../../src/storage/diff/apply-diff.ts';
import { packDiff } from '../../../../src/storage/diff/pack-diff.ts';
import { runs } from '../../../support/arbitraries/runs.ts';
import {
  plainFile,
  type RandomFile,
  type Step,
  steps,
  take,
} from '../../../support/storage/diff/random-tree.ts';
import { copy, share, type Told, tellTree } from '../../../support/storage/diff/tree.ts';

/** A directory with only another time is unchanged, as in Docker. A tar has the time if there is another change. */
function withoutDirectoryTimes(tree: Map<string, Told>): Map<string, Told> {
  return new Map(
    [...tree].map(([path, told]) => [path, 'hash' in told ? told : { ...told, mtime: undefined }]),
  );
}

async function roundTrip(lower: readonly Step[], upper: readonly Step[], shared: boolean) {
  const top = mkdtempSync(join(tmpdir(), 'dmts-test-'));
  const at = (name: string): string => join(top, name);
  try {
    mkdirSync(at('lower'));
    await take(at('lower'), lower);
    copy(at('lower'), at('target'));
    (shared ? share : copy)(at('lower'), at('upper'));
    await take(at('upper'), upper);
    // With shared inodes, a change to the upper tree may also change the lower: the target keeps a copy.
    if (shared) {
      rmSync(at('target'), { recursive: true });
      copy(at('lower'), at('target'));
    }
    await applyDiff(at('target'), packDiff(at('upper'), at('lower')));
    return { wanted: tellTree(at('upper')), got: tellTree(at('target')) };
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

for (const shared of [false, true]) {
  test(`a random layer, unpacked on the one below, is the same: ${shared ? 'inodes shared' : 'copied'}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(steps(8), steps(8), async (lower, upper) => {
        const { wanted, got } = await roundTrip(lower, upper, shared);
        t.deepEqual(withoutDirectoryTimes(got), withoutDirectoryTimes(wanted));
      }),
      runs(20),
    );
  });
}

test('a random layer without a layer below, including its directories and their times', async (t) => {
  await fc.assert(
    fc.asyncProperty(steps(12), async (all) => {
      const top = mkdtempSync(join(tmpdir(), 'dmts-test-'));
      try {
        for (const name of ['upper', 'target']) mkdirSync(join(top, name));
        await take(join(top, 'upper'), all);
        await applyDiff(join(top, 'target'), packDiff(join(top, 'upper'), undefined));
        const [wanted, got] = ['upper', 'target'].map((name) => tellTree(join(top, name)));
        // The top directory is not part of a layer's tar.
        wanted?.delete('');
        got?.delete('');
        t.deepEqual(got, wanted);
      } finally {
        rmSync(top, { recursive: true, force: true });
      }
    }),
    runs(20),
  );
});

const file = (path: string, some: Partial<RandomFile> = {}): Step => [
  path,
  { ...plainFile, ...some },
];
const link = (path: string, to: string): Step => file(path, { type: 'link', to });

// Counterexamples of the property, and similar cases.
const ROWS: readonly (readonly [string, readonly Step[], readonly Step[]])[] = [
  ['a link to an unchanged file', [file('a')], [link('b', 'a')]],
  ['separated links', [file('a'), link('b', 'a')], [file('b')]],
  [
    'two pairs of links, joined differently',
    [file('a'), link('b', 'a'), file('c'), link('d', 'c')],
    [link('b', 'c'), link('d', 'a')],
  ],
  [
    'an attribute removed from a directory',
    [
      file('d', {
        type: 'directory',
        xattrs: [
          ['trusted.a', Buffer.of(1)],
          ['trusted.b', Buffer.of(2)],
        ],
      }),
    ],
    [
      file('d', { type: 'nothing' }),
      file('d', { type: 'directory', xattrs: [['trusted.b', Buffer.of(2)]] }),
    ],
  ],
  ['an empty attribute', [], [file('a', { xattrs: [['trusted.a', Buffer.alloc(0)]] })]],
  ['setuid with an owner', [], [file('a', { mode: 0o6755, owner: 1000 })]],
  ['a time before 1970', [], [file('a', { mtime: -1n })]],
];

for (const [title, lower, upper] of ROWS) {
  test(`a layer, unpacked on the one below, is the same: ${title}`, async (t) => {
    const { wanted, got } = await roundTrip(lower, upper, false);
    t.deepEqual(withoutDirectoryTimes(got), withoutDirectoryTimes(wanted));
  });
}
