// What must hold for a directory that goes from Docker to dmts, back to Docker, and to dmts again. The tests of one
// file run in sequence on one directory.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestFn } from 'ava';
import { DevicemapperStorage } from '../../src/storage/index.ts';
import { newComplaints } from '../support/docker/complaints.ts';
import type { Container } from '../support/docker/containers.ts';
import { type Dockerd, startDockerd } from '../support/docker/dockerd.ts';
import {
  createAndRemove,
  type DockerDirectory,
  listImages,
  makeDockerDirectory,
} from '../support/docker/scenario.ts';
import type { Filesystem } from '../support/docker/storage-options.ts';
import { readTar, type Tree } from '../support/docker/tar.ts';
import { asExported, differences, tarDirectory } from '../support/docker/tree.ts';
import { assertUnchanged, lookAtAll } from '../support/kernel/looks.ts';

/** A layer id in Docker's form. */
const newId = (): string => randomBytes(32).toString('hex');

/** The content of a layer's record. */
const recordOf = ({ home }: DockerDirectory, id: string) =>
  JSON.parse(readFileSync(join(home, 'metadata', id), 'utf8')) as Record<string, unknown>;

/** The ids of all layers with a record. */
const idsOnDisk = ({ home }: DockerDirectory): readonly string[] =>
  readdirSync(join(home, 'metadata'))
    .filter(
      (name) => !['.reserve', 'base', 'deviceset-metadata', 'transaction-metadata'].includes(name),
    )
    .sort();

/** The tree of a layer, mounted by dmts. */
async function mountedTree(storage: DevicemapperStorage, id: string, file: string): Promise<Tree> {
  const rootfs = await storage.mount(id);
  try {
    tarDirectory(rootfs, file);
  } finally {
    await storage.unmount(id);
  }
  return readTar(file);
}

/** Call `act` with an open storage, and shut it down, as Docker does at its end. */
async function withStorage<T>(
  directory: DockerDirectory,
  act: (storage: DevicemapperStorage) => Promise<T>,
): Promise<T> {
  const { home: root, storageOptions } = directory;
  const storage = await DevicemapperStorage.open({ root, storageOptions });
  try {
    return await act(storage);
  } finally {
    await storage.shutdown();
  }
}

/** Call `act` with a daemon that runs on the directory. */
async function withDocker<T>(
  directory: DockerDirectory,
  act: (dockerd: Dockerd) => Promise<T>,
): Promise<T> {
  await using dockerd = await startDockerd(directory);
  return await act(dockerd);
}

/** Check the pool's metadata with thin_check. */
const checkPool = ({ home }: DockerDirectory): string =>
  execFileSync('thin_check', [join(home, 'devicemapper', 'metadata')], { encoding: 'utf8' });

/** The file of a loop device. */
const behind = (device = ''): string =>
  readFileSync(join('/sys/block', basename(device), 'loop/backing_file'), 'utf8').trim();

/** Differs by design: Docker shows libdevmapper's version, dmts that of the device mapper. */
const ITS_OWN = ['Library Version'];

/** Declare the tests for one filesystem. */
export function acceptance(test: TestFn, fs: Filesystem): void {
  const NOTE = 'data/written-by-dmts';
  const made = { kept: newId(), removed: newId() };
  let directory: DockerDirectory;
  let changed: Container;
  /** The trees that dmts left in the container `changed` and in the layer that it created. */
  let left: { readonly changed: Tree; readonly kept: Tree };

  const scratch = (name: string): string => `${directory.dataRoot}-scratch/${name}`;

  test.before(`Docker creates a directory with ${fs}`, async (t) => {
    t.timeout(1_200_000);
    directory = await makeDockerDirectory(fs);
    changed = directory.containers.find(({ name }) => name === 'changed')!;
  });

  test.serial('the directory has the expected content', async (t) => {
    const tree = await readTar(changed.exported);
    t.like(tree['/data/setuid'], { mode: '4711', type: 'file' });
    t.like(tree['/data'], { mode: '2750', owner: '1000:1001' });
    t.like(tree['/data/null'], { type: 'character-device', device: '1:3' });
    t.like(tree['/data/loop'], { type: 'block-device', device: '7:200' });
    t.like(tree['/data/new/name'], { links: ['/data/new/deep/file', '/data/new/name'] });
    t.truthy(tree['/data/capable']?.xattrs['security.capability']);
    t.is(tree['/doomed'], undefined);
    t.is(tree['/data/second'], undefined);
    const caught = directory.containers.find(({ mounted }) => mounted !== undefined)!;
    t.truthy((await readTar(caught.mounted!))['/data/noted']?.xattrs['user.note']);
    t.is(new Map(directory.status).get('Backing Filesystem'), fs);
    t.deepEqual(directory.containers.map(({ name }) => name).sort(), [
      'changed',
      'idle',
      'killed',
      'untouched',
    ]);
    t.true(idsOnDisk(directory).length >= 11);
  });

  test.serial('a view of dmts changes nothing', async (t) => {
    const { home, storageOptions, containers } = directory;
    for (const options of [[], storageOptions]) {
      const layers = [changed.layer, `${changed.layer}-init`] as const;
      const looks = () => lookAtAll(t, home, options, layers);
      const seen = await assertUnchanged(t, [home], looks);
      for (const { layer } of containers) t.true(seen['ls']!.includes(layer));
      t.regex(seen[`changes ${changed.layer} ${changed.layer}-init`]!, /^A \/data\/new$/m);
    }
  });

  // The first open of the storage: mounting a filesystem writes to it.
  test.serial('the status matches docker info', async (t) => {
    await withStorage(directory, async (storage) => {
      const status = await storage.statusItems();
      const comparable = (pairs: typeof status) =>
        pairs.map(([key, value]) => [key, ITS_OWN.includes(key) ? 'its own' : value]);
      t.deepEqual(comparable(status), comparable(directory.status));
      const values: ReadonlyMap<string, string> = new Map(status);
      t.is(behind(values.get('Data file')), values.get('Data loop file')!);
      t.is(behind(values.get('Metadata file')), values.get('Metadata loop file')!);
    });
  });

  test.serial('every layer is listed with the record of Docker', async (t) => {
    await withStorage(directory, async (storage) => {
      const layers = storage.layers();
      t.deepEqual(layers.map(({ id }) => id).toSorted(), idsOnDisk(directory));
      for (const { id, deviceId, size } of layers) {
        t.like(recordOf(directory, id), { device_id: deviceId, size: Number(size) }, id);
        t.true(storage.exists(id));
      }
      for (const { name, layer, metadata } of directory.containers) {
        t.deepEqual({ ...storage.metadata(layer) }, metadata, name);
      }
    });
  });

  test.serial('each container has the tree that Docker exported', async (t) => {
    await withStorage(directory, async (storage) => {
      for (const { name, layer, exported, mounted } of directory.containers) {
        const tree = await mountedTree(storage, layer, scratch('tree.tar'));
        t.deepEqual(differences(await readTar(exported), asExported(tree)), [], name);
        // Including nanoseconds and the other attributes.
        if (mounted !== undefined) t.deepEqual(differences(await readTar(mounted), tree), [], name);
      }
    });
  });

  test.serial('dmts creates, changes and removes layers', async (t) => {
    const write = async (storage: DevicemapperStorage, id: string): Promise<Tree> => {
      const rootfs = await storage.mount(id);
      writeFileSync(join(rootfs, NOTE), `in ${id}\n`);
      await storage.unmount(id);
      return mountedTree(storage, id, scratch('tree.tar'));
    };
    await withStorage(directory, async (storage) => {
      const kept = changed.layer;
      await storage.create(made.kept, { parent: kept });
      await storage.create(made.removed, { parent: made.kept });
      left = {
        changed: await write(storage, changed.layer),
        kept: await write(storage, made.kept),
      };
      await write(storage, made.removed);
      await storage.remove(made.removed);
      t.false(storage.exists(made.removed));
      t.true(storage.exists(made.kept));
    });
    t.deepEqual(recordOf(directory, made.kept)['size'], 512 * 1024 ** 2);
    t.false(existsSync(join(directory.home, 'metadata', made.removed)));
    t.notThrows(() => checkPool(directory));
  });

  test.serial('Docker starts on the directory without complaints, and works', async (t) => {
    const exported = scratch('exported.tar');
    const log = await withDocker(directory, async (dockerd) => {
      t.is(await listImages(dockerd.docker), directory.images);
      await createAndRemove(dockerd.docker);
      await dockerd.docker('export', '--output', exported, 'changed');
      await dockerd.stop();
      return dockerd.log();
    });
    t.deepEqual(newComplaints(log, directory.log), []);
    t.deepEqual(differences(asExported(left.changed), await readTar(exported)), []);
    t.notThrows(() => checkPool(directory));
  });

  test.serial('dmts opens it again and finds everything that remained', async (t) => {
    await withStorage(directory, async (storage) => {
      t.deepEqual(
        storage
          .layers()
          .map(({ id }) => id)
          .toSorted(),
        idsOnDisk(directory),
      );
      t.true(storage.exists(made.kept));
      const trees = [
        [changed.layer, left.changed],
        [made.kept, left.kept],
      ] as const;
      for (const [id, tree] of trees) {
        t.deepEqual(differences(tree, await mountedTree(storage, id, scratch('tree.tar'))), []);
      }
    });
    t.notThrows(() => checkPool(directory));
  });
}
