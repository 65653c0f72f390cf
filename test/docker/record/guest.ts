// Prints every fixture as a line of JSON with its path and its text.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeDockerDirectory } from '../../support/docker/scenario.ts';
import { type Filesystem, filesystems } from '../../support/docker/storage-options.ts';
import { recordIoctls } from './ioctls.ts';

const emit = (path: string, text: string): void => console.log(JSON.stringify({ path, text }));

/** All files below a directory, unchanged. */
function emitAll(directory: string, below: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = join(directory, name);
    if (statSync(file).isFile()) emit(join(below, name), readFileSync(file, 'utf8'));
  }
}

/** The lines of `docker info` about the storage driver. */
const driverPart = (info: string): string =>
  /^ Storage Driver: .*\n(?: {2}.*\n)+/m.exec(info)?.[0] ?? '';

async function record(fs: Filesystem): Promise<void> {
  const made = await makeDockerDirectory(fs);
  emitAll(made.moments, join(fs, 'metadata'));
  emit(join(fs, 'info.txt'), driverPart(made.info));
  emit(join(fs, 'driver-status.txt'), `${JSON.stringify(made.status)}\n`);
  const containers = made.containers.map(({ name, layer, metadata }) => ({
    name,
    layer,
    metadata,
  }));
  emit(join(fs, 'containers.json'), `${JSON.stringify(containers, null, 2)}\n`);
}

const [tree, ...asked] = process.argv.slice(2);
process.env['DMTS_DOCKER'] = tree;
const isAsked = (what: string): boolean => asked.length === 0 || asked.includes(what);
for (const fs of filesystems) if (isAsked(fs)) await record(fs);
if (isAsked('ioctls')) emit('ioctls.txt', await recordIoctls());
