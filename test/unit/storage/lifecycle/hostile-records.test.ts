// Records that are cut off or have a wrong bit, in a storage on the model kernel: every cut and every bit. What becomes of the
// thin devices is in test/kernel/crash/hostile-state.test.ts.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { layerFile, modelStorage } from '../../../support/cli/model-storage.ts';
import { SmallFiles } from '../../../support/kernel/hostile/directory.ts';
import {
  allFlips,
  type Mutation,
  replaced,
  truncations,
} from '../../../support/kernel/hostile/mutations.ts';
import {
  attemptOpen,
  report,
  type Subject,
  startTally,
} from '../../../support/kernel/hostile/trial.ts';

const RECORDS = ['base', 'a', 'deviceset-metadata', 'transaction-metadata'];
const ABOUT =
  /metadata\/(base|[abc]|deviceset-metadata|transaction-metadata)|the base device|layer "/;

/** A storage with the layers a, b and c. */
async function withLayers(t: ExecutionContext): Promise<Subject> {
  const { root, dm } = await modelStorage(t);
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    await dm.message('tank', `create_snap ${index + 1} 0`);
    writeFileSync(join(root, 'metadata', id), layerFile(index + 1, { transaction_id: index + 1 }));
  }
  await dm.message('tank', 'set_transaction_id 0 3');
  writeFileSync(
    join(root, 'metadata/transaction-metadata'),
    '{"open_transaction_id":3,"device_hash":"c","device_id":3}',
  );
  const storageOptions = ['dm.thinpooldev=tank'];
  return { root, dm, layers: ['a', 'b', 'c'], thins: [], storageOptions };
}

const KINDS: readonly (readonly [
  what: string,
  mutate: (good: Buffer) => readonly Mutation[],
  must?: 'refuse',
])[] = [
  ['cut off', truncations, 'refuse'],
  ['that has a wrong bit', allFlips],
];

test('a base device of no size, or of too many bytes, is refused with the file of its record', async (t) => {
  const subject = await withLayers(t);
  const files = new SmallFiles(subject.root, ['metadata']);
  const tally = startTally();
  for (const size of [0n, 1n, 511n, 512n, 2n ** 63n, 2n ** 64n - 1n]) {
    const { put } = replaced('', /"size":\d+/, `"size":${size}`);
    put(join(subject.root, 'metadata/base'), files.of('metadata/base'));
    const trial = { what: `size ${size}`, names: /^the base device: .*metadata\/base/ };
    await attemptOpen(t, subject, { ...trial, ...(size < 2n ** 63n && { must: 'refuse' }) }, tally);
    files.restore();
  }
  report(t, t.title, tally);
});

for (const name of RECORDS) {
  for (const [what, mutate, must] of KINDS) {
    test(`a record ${name} ${what} is refused with its name, or all layers stay`, async (t) => {
      const subject = await withLayers(t);
      const files = new SmallFiles(subject.root, ['metadata']);
      const file = `metadata/${name}`;
      const tally = startTally();
      for (const { what: bit, put } of mutate(files.of(file))) {
        put(join(subject.root, file), files.of(file));
        const changes = name === 'transaction-metadata';
        const trial = { what: `${file} ${bit}`, names: ABOUT, changes, ...(must && { must }) };
        await attemptOpen(t, subject, trial, tally);
        files.restore();
      }
      await attemptOpen(t, subject, { what: 'as before', names: ABOUT, must: 'open' }, tally);
      report(t, `${name} ${what}`, tally);
    });
  }
}

const REFUSED_LATE: readonly (readonly [
  what: string,
  base: object | undefined,
  option?: string,
])[] = [
  ['larger than dm.basesize', {}, 'dm.basesize=512M'],
  ['deleted', { deleted: true }],
  ['not complete', { initialized: false }],
  ['missing', undefined],
];

for (const [what, change, option = []] of REFUSED_LATE) {
  test(`the single file of an old Docker whose base device is ${what} is not migrated`, async (t) => {
    const subject = await withLayers(t);
    const metadata = join(subject.root, 'metadata');
    const read = (name: string): object =>
      JSON.parse(readFileSync(join(metadata, name), 'utf8')) as object;
    const Devices = {
      ...(change !== undefined && { '': { ...read('base'), ...change } }),
      ...Object.fromEntries(subject.layers.map((id) => [id, read(id)])),
    };
    rmSync(metadata, { recursive: true });
    mkdirSync(metadata);
    mkdirSync(join(subject.root, 'devicemapper'));
    writeFileSync(join(subject.root, 'devicemapper/json'), JSON.stringify({ Devices }));
    const storageOptions = [...subject.storageOptions!, option].flat();
    const trial = { what, names: /^the base device: /, must: 'refuse' } as const;
    await attemptOpen(t, { ...subject, storageOptions }, trial, startTally());
  });
}
