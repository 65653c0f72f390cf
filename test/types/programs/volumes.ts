// A host of virtual machines: it imports an image, clones it for each machine, and saves a machine's disk.

import { DeviceMapper, parseSize } from 'dmts';
import {
  type CloneVolumeOptions,
  type EnsureVolumesOptions,
  type ImageSource,
  isVolumeError,
  readVolumes,
  VolumeError,
  type VolumeErrorCode,
  type VolumeInfo,
  type VolumeProgress,
  Volumes,
} from 'dmts/volumes';

const PLACE: EnsureVolumesOptions = { dir: '/srv/vms', size: parseSize('100G') };
const LARGE: CloneVolumeOptions = { size: parseSize('20G') };

const progress: VolumeProgress = (done, total) => console.log(done, total);

/** Imports an image. An existing volume stays as it is. */
async function template(vms: Volumes, name: string, image: ImageSource): Promise<void> {
  try {
    await vms.import(name, image, { onProgress: progress });
  } catch (error) {
    if (!isVolumeError(error, 'ERR_VOLUME_EXISTS')) throw error;
  }
}

const describe = ({ name, size, used, created, path }: VolumeInfo): string =>
  `${name}: ${used} of ${size} bytes, since ${created.toISOString()}, ${path ?? 'inactive'}`;

export async function main(machines: readonly string[], signal: AbortSignal): Promise<void> {
  const dm = await DeviceMapper.open();
  const vms = await Volumes.ensure(dm, 'vms', { ...PLACE, signal });
  try {
    for (const notice of vms.notices) console.log(notice);
    await template(vms, 'debian', 'debian.raw');
    await Promise.all(machines.map((name) => vms.clone('debian', name, LARGE)));
    for (const name of machines) console.log((await vms.activate(name)).path);
    for (const volume of await vms.list()) console.log(describe(volume));
    await vms.export('debian', process.stdout);
    await vms.clone('one', 'before-upgrade');
    await vms.deactivate('one', { timeoutMs: 1000 });
    await vms.rollback('one', 'before-upgrade');
    await vms.grow('one', parseSize('40G'));
    await vms.rename('one', 'first');
    await vms.delete('before-upgrade');
    console.log(vms.pool.name, vms.directory, (await readVolumes(dm, '/srv/vms')).active);
  } catch (error) {
    if (!(error instanceof VolumeError)) throw error;
    const code: VolumeErrorCode = error.code;
    console.error(code, error.subject, error.problem);
  } finally {
    await vms.close();
    dm.close();
  }
}
