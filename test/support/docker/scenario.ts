// A directory that real Docker created, used and left, like those that users have.

import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Container, makeContainers } from './containers.ts';
import { dockerDisk } from './data-root.ts';
import { startDockerd } from './dockerd.ts';
import { buildImage } from './image.ts';
import { driverStatus, type Status } from './info.ts';
import { type Filesystem, storageOptions } from './storage-options.ts';

/** The directory that real Docker left, and its output. */
export interface DockerDirectory {
  readonly dataRoot: string;
  /** The storage driver's directory. */
  readonly home: string;
  readonly storageOptions: readonly string[];
  readonly containers: readonly Container[];
  /** See {@link listImages}. */
  readonly images: string;
  /** `docker info` as text. */
  readonly info: string;
  /** The storage driver's part of `docker info`. */
  readonly status: Status;
  /** The log of a daemon that started on the finished directory, removed a container there and created another. */
  readonly log: string;
  /** Copies of the small files from intermediate states, by the preceding action. */
  readonly moments: string;
}

type Client = (...args: readonly string[]) => Promise<string>;

/** The id and name of every image, one per line. */
export const listImages = (docker: Client): Promise<string> =>
  docker('images', '--all', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}');

/** Create and remove a container: every daemon here must be able to do this. */
export const createAndRemove = async (docker: Client): Promise<void> => {
  await docker('create', '--name', 'short-lived', '--network', 'none', 'base', '/bin/busybox');
  await docker('rm', 'short-lived');
};

/** Docker retries pending deletions every 30 s. */
const LOOKS_WITHIN_MS = 120_000;

/** The status after Docker has completed its deferred deletions. */
async function settledStatus(docker: Client): Promise<Status> {
  const deadline = Date.now() + LOOKS_WITHIN_MS;
  for (;;) {
    const status = await driverStatus(docker);
    if (new Map(status).get('Deferred Deleted Device Count') === '0') return status;
    if (Date.now() >= deadline)
      throw new Error(`Docker does not delete: ${JSON.stringify(status)}`);
    await sleep(1000);
  }
}

/** Let Docker create a directory, stop it, start it again on that directory, and stop it again. */
export async function makeDockerDirectory(fs: Filesystem): Promise<DockerDirectory> {
  const dataRoot = join(dockerDisk(), fs);
  const scratch = join(dockerDisk(), `${fs}-scratch`);
  const moments = join(scratch, 'moments');
  const home = join(dataRoot, 'devicemapper');
  mkdirSync(moments, { recursive: true });
  const keep = (moment: string): void =>
    cpSync(join(home, 'metadata'), join(moments, moment), { recursive: true });
  const options = { dataRoot, storageOptions: storageOptions(fs) };

  const first = await startDockerd(options);
  keep('started');
  await buildImage(first, scratch);
  keep('built');
  const containers = await makeContainers(first, dataRoot, scratch);
  await first.stop();
  keep('stopped');

  const second = await startDockerd(options);
  const images = await listImages(second.docker);
  await createAndRemove(second.docker);
  const status = await settledStatus(second.docker);
  const info = await second.docker('info');
  await second.stop();
  return { ...options, home, containers, images, info, status, log: second.log(), moments };
}
