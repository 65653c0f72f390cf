// Devices and the devices they use, in the order in which libdevmapper finds them.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { isDmError } from '../../dm/wire/errors.ts';

/** A block device. */
export interface GraphNode {
  readonly dev: bigint;
  /** `undefined` for a block device that is not a mapped device. */
  readonly info: DeviceInfo | undefined;
  /** The devices that this device uses, and the devices that use it. */
  readonly below: GraphNode[];
  readonly above: GraphNode[];
}

/** Collects all devices and the devices they use. Skips a device that is removed during the walk. */
export async function deviceGraph(dm: DeviceMapper): Promise<readonly GraphNode[]> {
  const found = new Map<bigint, { readonly info: DeviceInfo; readonly deps: readonly bigint[] }>();
  for (const { dev } of await dm.list()) {
    try {
      found.set(dev, { info: await dm.info({ dev }), deps: await dm.deps({ dev }) });
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
    }
  }
  const nodes = new Map<bigint, GraphNode>();
  const add = (dev: bigint): GraphNode => {
    const known = nodes.get(dev);
    if (known) return known;
    const { info, deps = [] } = found.get(dev) ?? {};
    const node: GraphNode = { dev, info, below: [], above: [] };
    nodes.set(dev, node);
    for (const below of deps.map(add)) {
      node.below.push(below);
      below.above.push(node);
    }
    return node;
  };
  for (const dev of found.keys()) add(dev);
  return [...nodes.values()];
}
