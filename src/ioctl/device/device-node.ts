// Finds the node of a block device by its number. Source: Documentation/ABI/stable/sysfs-devices (uevent).

import { readFile } from 'node:fs/promises';

/**
 * The node that devtmpfs creates for the block device `major:minor`: `/dev/loop0`, `/dev/dm-3`.
 * @throws Node's own ENOENT if the device does not exist
 */
export async function deviceNode(number: string, sysDir = '/sys'): Promise<string> {
  const uevent = await readFile(`${sysDir}/dev/block/${number}/uevent`, 'utf8');
  const name = /^DEVNAME=(.+)$/m.exec(uevent)?.[1];
  if (name === undefined)
    throw new RangeError(`invalid uevent of ${number}: expected DEVNAME, got none`);
  return `/dev/${name}`;
}
