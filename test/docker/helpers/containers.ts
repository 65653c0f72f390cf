// Containers of one image: one as it was, one that changed much, one that ran, one that is gone.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dockerd } from './dockerd.ts';
import { IMAGE } from './image.ts';

/** A container, and the layer that holds its files. */
export interface Container {
  readonly name: string;
  readonly id: string;
  /** The layer's id for the storage driver. */
  readonly layer: string;
  /** `GraphDriver.Data` of `docker inspect`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What `docker export` wrote. */
  readonly exported: string;
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

/**
 * Make the containers, end them, remove the one that is doomed, and export the others below `directory`.
 *
 * @throws Error when what a container did failed.
 */
export async function makeContainers(
  { docker }: Dockerd,
  dataRoot: string,
  directory: string,
): Promise<readonly Container[]> {
  const containers: Container[] = [];
  for (const [name, script] of Object.entries(scripts)) {
    const command = withBusybox(script ?? 'true');
    await docker('create', '--name', name, '--network', 'none', IMAGE, ...command);
    if (script !== undefined) await docker('start', '--attach', name);
    if (name === 'doomed') {
      await docker('rm', name);
      continue;
    }
    const [inspected] = JSON.parse(await docker('inspect', name));
    const exported = join(directory, `${name}.tar`);
    await docker('export', '--output', exported, name);
    containers.push({
      name,
      id: inspected.Id,
      layer: layerOf(dataRoot, inspected.Id),
      metadata: inspected.GraphDriver.Data,
      exported,
    });
  }
  return containers;
}
