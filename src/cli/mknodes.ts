// dmts mknodes

import type { Command } from 'commander';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import { isDmError } from '../dm/errors.ts';
import { kernelName } from '../dm/names.ts';
import { hasNode, makeNode, removeNode } from '../dm/nodes.ts';
import { describe, type JsonOption } from './describe.ts';
import { devDirOf, type Io } from './io.ts';
import { printJson } from './json.ts';
import { entryRecord } from './records.ts';
import { manglingOf, withDeviceMapper } from './session.ts';

/** Updates the node of one device. @throws DmError ENXIO if neither a device nor a node has this name */
async function makeOne(io: Io, dm: DeviceMapper, name: string): Promise<void> {
  const devDir = devDirOf(io);
  try {
    const { mangledName, dev, live } = await dm.info(name);
    if (live) makeNode(devDir, mangledName, dev);
  } catch (error) {
    const kernels = kernelName(name, manglingOf(io));
    if (!isDmError(error, 'ENXIO') || !hasNode(devDir, kernels)) throw error;
    removeNode(devDir, kernels);
  }
}

/** `dmts mknodes` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'mknodes',
    summary: 'Update the nodes in /dev/mapper',
    details:
      'It creates missing nodes, and removes those of devices that no longer exist. Without NAME it updates all of them.',
    examples: ['dmts mknodes', 'dmts mknodes vol'],
  })
    .argument('[name...]', 'devices')
    .action(async (names: readonly string[], { json }: JsonOption) => {
      await withDeviceMapper(io, { threads: false }, async (dm) => {
        for (const name of names) await makeOne(io, dm, name);
        if (names.length === 0) await dm.makeNodes();
        if (json) printJson(io, (await dm.list()).map(entryRecord));
      });
    });
}
