import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  BASE,
  checkLayerId,
  deviceName,
  idOfRecord,
  type Layout,
  layoutOf,
  poolName,
  recordName,
} from '../../../../src/storage/directory/layout.ts';
import { idOfDevice } from '../../../../src/storage/lifecycle/repair-devices.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const layout: Layout = {
  root: '/r',
  metadata: '/r/metadata',
  loop: '/r/devicemapper',
  mounts: '/r/mnt',
  prefix: 'docker-8:1-131074',
};
const HEX = 'f'.repeat(64);

test('names are derived from the device and the inode of the directory', async (t) => {
  const root = join(tempDir(t), 'devicemapper');
  mkdirSync(root);
  const { dev, ino } = statSync(root, { bigint: true });
  const major = (dev >> 8n) & 0xfffn;
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xfff00n);
  const found = await layoutOf(root);
  t.is(found.prefix, `docker-${major}:${minor}-${ino}`);
  t.deepEqual(
    [found.metadata, found.loop, found.mounts],
    [`${root}/metadata`, `${root}/devicemapper`, `${root}/mnt`],
  );
});

test('names of devices and of files', (t) => {
  t.is(poolName(layout), 'docker-8:1-131074-pool');
  t.is(deviceName(layout, BASE), 'docker-8:1-131074-base');
  t.is(deviceName(layout, HEX), `docker-8:1-131074-${HEX}`);
  t.deepEqual([recordName(BASE), recordName(HEX)], ['base', HEX]);
});

const FILES: readonly (readonly [name: string, id: string | undefined])[] = [
  ['base', BASE],
  [HEX, HEX],
  [`${HEX}-init`, `${HEX}-init`],
  ['deviceset-metadata', undefined],
  ['transaction-metadata', undefined],
  ['.tmp123', undefined],
  ['.anything', undefined],
  ['json.migrated', undefined],
];

for (const [name, id] of FILES) {
  test(`the file ${name} is the record of ${id === undefined ? 'no layer' : `"${id}"`}`, (t) => {
    t.is(idOfRecord(name), id);
  });
}

const DEVICES: readonly (readonly [name: string, id: string | undefined])[] = [
  ['docker-8:1-131074-base', BASE],
  [`docker-8:1-131074-${HEX}`, HEX],
  ['docker-8:1-131074-pool', undefined],
  ['docker-8:1-1310741-base', undefined],
  ['docker-8:1-131074', undefined],
  ['docker-9:1-131074-base', undefined],
];

for (const [name, id] of DEVICES) {
  test(`the device ${name} is of ${id === undefined ? 'no layer' : `"${id}"`}`, (t) => {
    t.is(idOfDevice(layout, name), id);
  });
}

for (const id of [HEX, `${HEX}-init`, 'web', 'web_1.2', '0', '_', 'a'.repeat(109)]) {
  test(`the id "${id}"`, (t) => t.notThrows(() => checkLayerId(layout, id)));
}

const REFUSED: readonly (readonly [id: string, said: RegExp])[] = [
  ['', /expected letters, digits/],
  ['.', /not beginning with/],
  ['..', /not beginning with/],
  ['.hidden', /not beginning with/],
  ['-rf', /not beginning with/],
  ['a/b', /expected letters/],
  ['../../etc/passwd', /expected letters/],
  ['a b', /expected letters/],
  ['a\n', /expected letters/],
  ['a\u0000', /expected letters/],
  ['é', /expected letters/],
  ['base', /the name of another file/],
  ['deviceset-metadata', /the name of another file/],
  ['transaction-metadata', /the name of another file/],
  ['x.migrated', /the name of another file/],
  ['a'.repeat(110), /too long by 1 characters for the device name docker-8:1-131074-a/],
];

for (const [id, message] of REFUSED) {
  test(`the id ${JSON.stringify(id)} is rejected`, (t) => {
    t.throws(() => checkLayerId(layout, id), { code: 'ERR_LAYER_ID', message });
  });
}

test('a layer called pool would have the device name of the pool', (t) => {
  t.throws(() => checkLayerId(layout, 'pool'), { code: 'ERR_LAYER_ID' });
});
