// The comparisons of the other tests: they must detect each kind of difference.

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { complaints, newComplaints } from '../support/docker/complaints.ts';
import { dockerDisk } from '../support/docker/data-root.ts';
import { layers } from '../support/docker/image.ts';
import { readTar, type Tree, writeTar } from '../support/docker/tar.ts';
import { asExported, differences, tarDirectory } from '../support/docker/tree.ts';

const scratch = (t: ExecutionContext): string => {
  const directory = mkdtempSync(join(dockerDisk(), 'helpers-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
};

/** The base layer as a tar file, as GNU tar unpacks it. */
async function unpacked(t: ExecutionContext) {
  const directory = scratch(t);
  const file = join(directory, 'base.tar');
  const root = join(directory, 'root');
  mkdirSync(root);
  await writeTar(file, layers.base);
  execFileSync('tar', ['-xpf', file, '--xattrs', '--xattrs-include=*', '-C', root]);
  const read = async (): Promise<Tree> => {
    tarDirectory(root, join(directory, 'root.tar'));
    return readTar(join(directory, 'root.tar'));
  };
  return { root, read, written: await readTar(file) };
}

test('GNU tar reads the layers as they were written', async (t) => {
  const { read, written } = await unpacked(t);
  t.deepEqual(differences(asExported(written), asExported(await read())), []);
  t.deepEqual((await read())['/data/noted']?.xattrs, written['/data/noted']?.xattrs);
  t.is(Object.keys(written).length, layers.base.length);
});

const CHANGES: readonly (readonly [title: string, path: string, make: (path: string) => void])[] = [
  ['a byte', '/data/empty', (path) => appendFileSync(path, 'x')],
  ['a permission', '/data/large', (path) => chmodSync(path, 0o600)],
  ['a setuid bit', '/data/setuid', (path) => chmodSync(path, 0o755)],
  ['an owner', '/data/owned', (path) => chownSync(path, 1, 1)],
  ['a time', '/data/old', (path) => utimesSync(path, 5, 5)],
  ['a file less', '/data/pipe', (path) => rmSync(path)],
  // A change of the owner, even to the same one, removes the capability.
  ['a capability less', '/data/capable', (path) => chownSync(path, 0, 0)],
];

for (const [title, path, make] of CHANGES) {
  test(`a tree differs by ${title}`, async (t) => {
    const { root, read } = await unpacked(t);
    const before = await read();
    make(join(root, path));
    const found = differences(before, await read()).map((line) => line.split(':')[0]);
    t.true(found.includes(path), String(found));
    // The directory's time may have changed too.
    t.deepEqual(
      found.filter((name) => name !== path && name !== '/data'),
      [],
    );
  });
}

const line = (level: string, text: string): string =>
  `time="2026-11-24T22:10:10.676879590Z" level=${level} msg="${text}" storage-driver=devicemapper\n`;

test('complaints are compared without their devices, and a new one is detected', (t) => {
  const busy = (id: string): string =>
    line('error', `docker-254:0-262167-${id.repeat(64)} is busy`);
  const log = line('info', 'all is well') + busy('a') + busy('b');
  t.is(complaints(log).length, 1);
  t.deepEqual(newComplaints(busy('c'), log), []);
  t.is(newComplaints(log + line('warning', 'transaction id'), log).length, 1);
  t.is(newComplaints(line('error', 'Failed to get event'), log).length, 1);
  const ending = 'time="x" level=error msg="Failed to get event" error="transport is closing"\n';
  t.deepEqual(newComplaints(log + ending, log), []);
});
