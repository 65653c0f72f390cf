// The node of a block device by its number. Source: Documentation/ABI/stable/sysfs-devices (uevent).

import { readFile } from 'node:fs/promises';

/**
 * The node that devtmpfs has made for the block device `major:minor`: `/dev/loop0`, `/dev/dm-3`.
 * @throws Node's own ENOENT when there is no such device
 */
export async function deviceNode(number: string, sysDir = '/sys'): Promise<string> {
  const uevent = await readFile(`${sysDir}/dev/block/${number}/uevent`, 'utf8');
  const name = /^DEVNAME=(.+)$/m.exec(uevent)?.[1];
  if (name === undefined) throw new RangeError(`${number}: expected DEVNAME in its uevent`);
  return `/dev/${name}`;
}
