// A storage directory whose records are damaged, foreign or hostile, one file at a time: the storage refuses with the file's
// name and changes nothing, or it shows all layers. It never deletes a thin device that a record names.

import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { layerKind, parseRecord } from '../../../src/storage/directory/records.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { SmallFiles } from '../../support/kernel/hostile/directory.ts';
import {
  allFlips,
  FOREIGN,
  type Mutation,
  RESTORED,
  randomFlips,
  replaced,
  truncations,
} from '../../support/kernel/hostile/mutations.ts';
import { withLayers } from '../../support/kernel/hostile/subject.ts';
import {
  assertThins,
  attemptOpen,
  report,
  type Subject,
  startTally,
  type Trial,
} from '../../support/kernel/hostile/trial.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { SMALL } from '../../support/kernel/storage.ts';
import { randomFrom } from '../../support/random.ts';

const SEED = Number(process.env['FC_SEED'] ?? randomInt(2 ** 31));
const random = randomFrom(SEED);

interface FileCases extends Omit<Trial, 'what'> {
  /** Relative to the root. */
  readonly file: string;
  readonly mutations: readonly Mutation[];
}

async function tryAll(
  t: ExecutionContext,
  subject: Subject,
  files: SmallFiles,
  groups: readonly FileCases[],
): Promise<readonly string[]> {
  const tally = startTally();
  const told: string[] = [];
  for (const { file, mutations, ...trial } of groups) {
    for (const { what, put } of mutations) {
      const title = `${file}: ${what}`;
      put(join(subject.root, file), files.of(file));
      const notices = await attemptOpen(t, subject, { ...trial, what: title }, tally);
      told.push(...notices.map((text) => `${title}: ${text}`));
      await assertThins(t, subject, title);
      files.restore();
    }
  }
  report(t, t.title, tally);
  const outcome = await attemptOpen(
    t,
    subject,
    {
      what: 'as before',
      names: /^$/,
      must: 'open',
      changes: groups.some(({ changes }) => changes),
    },
    tally,
  );
  t.true(outcome.every((text) => !text.includes('record')));
  return told;
}

const RECORDS = ['base', 'a', 'deviceset-metadata', 'transaction-metadata'];
/** What an error about the content of a file may be about, besides the file itself. */
const COMPARED: Readonly<Record<string, string>> = {
  base: 'the base device',
  a: 'layer "a"',
};
const namesOf = (file: string): RegExp =>
  new RegExp([basename(file), COMPARED[basename(file)] ?? []].flat().join('|'));

test(`a record that is cut off, foreign or no file is refused`, async (t) => {
  t.timeout(600_000);
  const subject = await withLayers(t);
  const files = new SmallFiles(subject.root, ['metadata']);
  await tryAll(
    t,
    subject,
    files,
    RECORDS.flatMap((name) => {
      const file = `metadata/${name}`;
      const row = { file, names: new RegExp(`/metadata/${name}: `), must: 'refuse' } as const;
      return [
        { ...row, mutations: truncations(files.of(file)) },
        { ...row, mutations: FOREIGN, view: true },
      ];
    }),
  );
});

test(`a record with a wrong bit is refused, or all layers stay; seed ${SEED}`, async (t) => {
  t.timeout(600_000);
  const subject = await withLayers(t);
  const files = new SmallFiles(subject.root, ['metadata']);
  const notices = await tryAll(
    t,
    subject,
    files,
    [...RECORDS, 'b'].map((name) => {
      const good = files.of(`metadata/${name}`);
      return {
        file: `metadata/${name}`,
        mutations: ['b', 'transaction-metadata'].includes(name)
          ? allFlips(good)
          : randomFlips(good, random),
        names: namesOf(name),
        // A transaction that is pending by a wrong bit is rolled back: its intent is removed.
        changes: name === 'transaction-metadata',
      };
    }),
  );
  t.true(notices.some((text) => text.includes('names thin device 7 and transaction')));
  t.log(`${new Set(notices).size} notices`);
});

test('fields out of range, with strange names or twice are refused', async (t) => {
  const subject = await withLayers(t);
  const files = new SmallFiles(subject.root, ['metadata']);
  const field = (name: string, value: string): Mutation =>
    replaced(`${name} ${value}`, new RegExp(`"${name}":[^,}]+`), `"${name}":${value}`);
  const NUMBERS = [
    '-1',
    '1.5',
    '1e0',
    '18446744073709551616',
    `1${'0'.repeat(400)}`,
    'null',
    '"1"',
  ];
  const numbers = (name: string): readonly Mutation[] => NUMBERS.map((value) => field(name, value));
  const any = (name: string): readonly Mutation[] => [
    replaced('a field __proto__', /\{/, '{"__proto__":{"deleted":true},'),
    replaced('a field constructor', /\{/, '{"constructor":1,'),
    replaced('a field twice', /\{("\w+":[^,}]+)/, '{$1,$1'),
    replaced('an unknown field', /\{/, '{"x":1,'),
    ...numbers(name),
  ];
  const rows: readonly (readonly [name: string, mutations: readonly Mutation[]])[] = [
    ['base', [...any('device_id'), field('device_id', '16777216'), field('deleted', 'true')]],
    ['a', [...any('device_id'), ...numbers('size'), field('device_id', '3')]],
    ['b', [...numbers('transaction_id'), field('deleted', '1'), field('initialized', '"no"')]],
    ['deviceset-metadata', [...any('next_device_id'), field('BaseDeviceFilesystem', '"btrfs"')]],
    ['transaction-metadata', [...any('open_transaction_id'), field('device_hash', '1')]],
  ];
  await tryAll(
    t,
    subject,
    files,
    rows.map(([name, mutations]) => ({
      file: `metadata/${name}`,
      mutations,
      names: new RegExp(`/metadata/[ab]: |/metadata/${name}: .*: |the base device: .*deleted`),
      must: 'refuse',
    })),
  );
});

test('a record of another owner is read, and a name that is no layer’s is refused', async (t) => {
  const subject = await withLayers(t);
  const files = new SmallFiles(subject.root, ['metadata']);
  await tryAll(t, subject, files, [
    ...RECORDS.map((name) => ({
      file: `metadata/${name}`,
      mutations: [RESTORED],
      names: /^$/,
      must: 'open' as const,
    })),
    ...['pool', 'a copy', '-a', 'é', '.tmp1', `${'x'.repeat(120)}`].map((name) => ({
      file: 'metadata/a',
      mutations: [
        {
          what: `another file ${name}`,
          put: (path: string, good: Buffer) => {
            const other = join(path, '..', name);
            if (name === '.tmp1') mkdirSync(other);
            else writeFileSync(other, good.toString().replace('"device_id":2', '"device_id":7'));
          },
        },
      ],
      names: new RegExp(`/metadata/${name}: `),
      must: 'refuse' as const,
    })),
  ]);
});

test(`the single file of an old Docker; seed ${SEED}`, async (t) => {
  t.timeout(600_000);
  const subject = await withLayers(t);
  const metadata = join(subject.root, 'metadata');
  const saved = new SmallFiles(subject.root, ['metadata']);
  const devices = ['base', 'a', 'b', 'c'].map((name) => {
    const text = saved.of(`metadata/${name}`).toString();
    parseRecord(layerKind.parse, name, text);
    return `"${name === 'base' ? '' : name}":${text.replace(',"deleted":false', '')}`;
  });
  rmSync(metadata, { recursive: true });
  mkdirSync(metadata);
  writeFileSync(join(subject.root, 'devicemapper/json'), `{"Devices":{${devices.join(',')}}}`);
  const files = new SmallFiles(subject.root, ['devicemapper', 'metadata']);
  const file = 'devicemapper/json';
  const good = files.of(file);
  await tryAll(t, subject, files, [
    { file, mutations: truncations(good), names: /\/devicemapper\/json: /, must: 'refuse' },
    {
      file,
      mutations: FOREIGN,
      names: /\/devicemapper\/json: /,
      must: 'refuse',
      view: true,
    },
    {
      file,
      mutations: randomFlips(good, random),
      names: /\/devicemapper\/json: |the base device/,
      changes: true,
      renames: true,
    },
  ]);
});

test(`the record of a pool on a disk of its own; seed ${SEED}`, async (t) => {
  const subject = await withLayers(t);
  const text =
    '{"Device":"/dev/nosuch","ThinpPercent":95,"ThinpMetaPercent":1,"AutoExtendPercent":20,"AutoExtendThreshold":80}';
  writeFileSync(join(subject.root, 'setup-config.json'), text);
  const files = new SmallFiles(subject.root, ['', 'metadata']);
  const storageOptions = [...SMALL.filter((option) => !option.includes('loop'))];
  const options = [
    ...storageOptions,
    'dm.directlvm_device=/dev/nosuch',
    'dm.thinp_percent=95',
    'dm.thinp_metapercent=1',
    'dm.thinp_autoextend_percent=20',
    'dm.thinp_autoextend_threshold=80',
  ];
  const good = files.of('setup-config.json');
  const tally = startTally();
  for (const { what, put } of [...truncations(good), ...FOREIGN, ...randomFlips(good, random)]) {
    put(join(subject.root, 'setup-config.json'), good);
    await attemptOpen(
      t,
      { ...subject, storageOptions: options },
      { what, names: /setup-config\.json|docker-thinpool/, must: 'refuse' },
      tally,
    );
    files.restore();
  }
  for (const { what, put } of FOREIGN) {
    put(join(subject.root, 'setup-config.json'), good);
    // Without the options, the record alone tells a view that the pool is LVM's.
    await using view = await DevicemapperStorage.open({
      root: subject.root,
      dm: subject.dm,
      readOnly: true,
    });
    await t.throwsAsync(
      view.status(),
      { code: 'ERR_STORAGE_RECORD', message: /\/setup-config\.json: / },
      what,
    );
    files.restore();
  }
  await assertThins(t, subject, 'all');
  report(t, t.title, tally);
  rmSync(join(subject.root, 'setup-config.json'));
});

test('nothing is left', assertNothingLeft);
