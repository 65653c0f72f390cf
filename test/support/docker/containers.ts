// Containers of one image: one unchanged, one with many changes, one that ran, one removed, one killed.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dockerd } from './dockerd.ts';
import { IMAGE } from './image.ts';
import { limits, until } from './limits.ts';
import { tarDirectory } from './tree.ts';

/** A container, and its layer. */
export interface Container {
  readonly name: string;
  readonly id: string;
  /** The layer's id of the storage driver. */
  readonly layer: string;
  /** `GraphDriver.Data` of `docker inspect`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The tar file from `docker export`. */
  readonly exported: string;
  /** A tar file of the mounted tree with all attributes, of a container that ran. */
  readonly mounted?: string;
}

/** The script of each container by name; undefined: created and never started. */
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
  // The image sets no PATH, so the script sets one with the applets of busybox.
  `PATH=/links; busybox() { /bin/busybox "$@"; }; /bin/busybox mkdir /links; busybox --install -s /links; ${script}`,
];

/** The storage driver's id of a container's layer. */
export const layerOf = (dataRoot: string, id: string): string =>
  readFileSync(join(dataRoot, 'image/devicemapper/layerdb/mounts', id, 'mount-id'), 'utf8');

/** Start a container that keeps running, write its tree to a tar file once it has finished its work, and kill it. */
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

/** Create a container, run its script, and record the result. */
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
 * Create the containers, end them, export them below `directory`, and remove the doomed one.
 *
 * @returns the remaining containers
 * @throws Error if the script of a container fails
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
