// Containers of one image: one as it was, one that changed much, one that ran, one that is gone, one killed.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dockerd } from './dockerd.ts';
import { IMAGE } from './image.ts';
import { limits, until } from './limits.ts';
import { tarDirectory } from './tree.ts';

/** A container, and the layer that holds its files. */
export interface Container {
  readonly name: string;
  readonly id: string;
  /** The layer's id for the storage driver. */
  readonly layer: string;
  /** `GraphDriver.Data` of `docker inspect`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The tar file that `docker export` wrote. */
  readonly exported: string;
  /** A tar file of the tree as Docker had it mounted, with all attributes, of a container that ran. */
  readonly mounted?: string;
}

/** What a container does before it ends, by its name; undefined: it is created and never started. */
const scripts: Readonly<Record<string, string | undefined>> = {
  untouched: undefined,
  idle: 'true',
  changed: [
    'cd /data',
    'echo more >> large',
    'rm -r second old two',
    'chmod 4711 setuid',
    'chown 11:12 owned',
    'mkdir -p new/deep',
    'echo hello > new/deep/file',
    'ln new/deep/file new/name',
    'ln -s deep/file new/link',
    'mknod new/zero c 1 5',
    'touch -d "2001-02-03 04:05:06" empty',
    'mv noted moved',
    'rm dangling && mkdir dangling',
    'dd if=/dev/zero of=new/zeroes bs=64k count=32 2>/dev/null',
  ].join(' && '),
  doomed: 'echo gone > /data/gone',
  killed: 'echo running > /data/running && exec sleep 1000',
};

const withBusybox = (script: string): readonly string[] => [
  '/bin/busybox',
  'sh',
  '-ec',
  // Its own programs are found before those of a PATH that the image does not have.
  `PATH=/links; busybox() { /bin/busybox "$@"; }; /bin/busybox mkdir /links; busybox --install -s /links; ${script}`,
];

/** The id under which the storage driver knows a container's layer. */
export const layerOf = (dataRoot: string, id: string): string =>
  readFileSync(join(dataRoot, 'image/devicemapper/layerdb/mounts', id, 'mount-id'), 'utf8');

/** Start a container that goes on, write its tree to a tar file as soon as it has done its work, and kill it. */
async function catchMounted(
  { docker }: Dockerd,
  home: string,
  name: string,
  layer: string,
  file: string,
): Promise<void> {
  const rootfs = join(home, 'mnt', layer, 'rootfs');
  await docker('start', name);
  await until('The work of a container', limits.command, () =>
    existsSync(join(rootfs, 'data/running')),
  );
  tarDirectory(rootfs, file);
  await docker('kill', name);
  await docker('wait', name);
}

/** Create a container, let it do its work, and write down what it left. */
async function makeContainer(
  dockerd: Dockerd,
  dataRoot: string,
  name: string,
  directory: string,
): Promise<Container> {
  const { docker } = dockerd;
  const script = scripts[name];
  const command = withBusybox(script ?? 'true');
  await docker('create', '--name', name, '--network', 'none', IMAGE, ...command);
  const [{ Id: id, GraphDriver }] = JSON.parse(await docker('inspect', name));
  const layer = layerOf(dataRoot, id);
  const exported = join(directory, `${name}.tar`);
  const container = { name, id, layer, metadata: GraphDriver.Data, exported };
  const mounted = join(directory, `${name}-mounted.tar`);
  if (name === 'killed') {
    await catchMounted(dockerd, join(dataRoot, 'devicemapper'), name, layer, mounted);
  } else if (script !== undefined) {
    await docker('start', '--attach', name);
  }
  await docker('export', '--output', exported, name);
  return name === 'killed' ? { ...container, mounted } : container;
}

/**
 * Make the containers, end them, export them below `directory`, and remove the one that is doomed.
 *
 * @returns those that are left
 * @throws Error when what a container did failed.
 */
export async function makeContainers(
  dockerd: Dockerd,
  dataRoot: string,
  directory: string,
): Promise<readonly Container[]> {
  const containers: Container[] = [];
  for (const name of Object.keys(scripts)) {
    containers.push(await makeContainer(dockerd, dataRoot, name, directory));
  }
  await dockerd.docker('rm', 'doomed');
  return containers.filter(({ name }) => name !== 'doomed');
}
