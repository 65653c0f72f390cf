// The kernel's rules for tables. Source: populate_table in drivers/md/dm-ioctl.c, dm_table_add_target and
// device_area_is_invalid in drivers/md/dm-table.c.

import { DM_MAX_TARGETS, dmIoctl, dmTargetSpec } from '../../dm/wire/abi.ts';
import {
  type Device,
  destroyTable,
  immutableType,
  type OpenMode,
  type PlacedTarget,
  type Table,
  type Target,
  type TargetType,
} from '../state/device.ts';
import type { Devices } from '../state/devices.ts';
import { splitArgs } from '../state/kernel-words.ts';
import { demand, Refused } from '../state/refused.ts';

/** `LLONG_MAX >> SECTOR_SHIFT` */
const END_MAX = 2n ** 54n - 1n;
const TABLE_MODE = { readOnly: 1, writeable: 3 } as const;

/** One target of a request. */
export interface TargetLine {
  readonly start: bigint;
  readonly length: bigint;
  readonly type: string;
  readonly params: string;
}

/** The targets of a DM_TABLE_LOAD, parsed one at a time, so that earlier targets fail first. @throws Refused */
export function* sentTargets(
  kernel: Devices,
  request: Buffer,
  dataStart: number,
  count: number,
): Generator<TargetLine, void, void> {
  demand(count > 0, 'no targets specified');
  demand(count <= DM_MAX_TARGETS, 'too many targets', 'EOVERFLOW');
  let at = 0;
  let next = dataStart;
  let least: number = kernel.since(48) ? dmIoctl.size : dmTargetSpec.size;
  for (let i = 0; i < count; i++) {
    const aligned = next % 8 === 0 || !kernel.since(48);
    demand(aligned && next >= least, 'unable to find target');
    at += next;
    demand(at + dmTargetSpec.size < request.length, 'unable to find target');
    const spec = dmTargetSpec.decode(request, at);
    const params = at + dmTargetSpec.size;
    const nul = request.indexOf(0, params);
    demand(nul !== -1, 'unable to find target');
    yield {
      start: spec.sectorStart,
      length: spec.length,
      type: spec.targetType,
      params: request.toString('latin1', params, nul),
    };
    next = spec.next;
    least = kernel.since(48) ? nul + 1 - at : dmTargetSpec.size;
  }
}

/** `populate_table`: construct the targets. If one fails, the earlier ones are destroyed. */
export function buildTable(
  kernel: Devices,
  device: Device,
  lines: Iterable<TargetLine>,
  readOnly: boolean,
): Table {
  const table = { targets: [] as PlacedTarget[], readOnly, opens: new Map<bigint, OpenMode>() };
  try {
    for (const line of lines) table.targets.push(addTarget(kernel, device, table, line));
  } catch (error) {
    destroyTable(table);
    throw error;
  }
  return table;
}

/** `dm_table_add_target` */
function addTarget(
  kernel: Devices,
  device: Device,
  table: Table & { readonly opens: Map<bigint, OpenMode> },
  { start, length, type: typeName, params }: TargetLine,
): PlacedTarget {
  const { targets, readOnly } = table;
  demand(targets[0]?.type.singleton !== true, 'target type must appear alone in table');
  demand(length > 0n, 'zero-length target');
  demand(start + length <= END_MAX, 'too large device');
  const type = kernel.types.get(typeName);
  if (type === undefined) throw new Refused('EINVAL', `unknown target type ${typeName}`);
  demand(!type.singleton || targets.length === 0, 'target type must appear alone in table');
  demand(!type.alwaysWriteable || !readOnly, 'target type in a read-only table');
  const immutable = immutableType(table);
  demand(
    immutable === undefined ? !type.immutable || targets.length === 0 : immutable === type,
    'immutable target type cannot be mixed with other target types',
  );
  const last = targets.at(-1);
  demand(start === (last === undefined ? 0n : last.start + last.length), 'gap in table');
  const usual = readOnly ? TABLE_MODE.readOnly : TABLE_MODE.writeable;
  const target: Target = type.construct({
    device,
    readOnly,
    length,
    words: splitArgs(params),
    open: (path, mode = usual) => {
      const found = kernel.lookUp(path, device);
      table.opens.set(found.dev, ((table.opens.get(found.dev) ?? 0) | mode) as OpenMode);
      return found;
    },
  });
  return { start, length, type, target };
}

/** Checks whether a table can replace the live one. @throws Refused */
export function checkReplacement(live: Table | undefined, table: Table): void {
  const fixed: TargetType | undefined = immutableType(live);
  const wildcard = table.targets.some(({ type }) => type.wildcard);
  demand(
    fixed === undefined || wildcard || immutableType(table) === fixed,
    'cannot replace an immutable target type',
  );
}

/** `dm_calculate_queue_limits`: check whether each target fits the devices below. @throws Refused */
export function checkAreas({ targets }: Table): void {
  for (const { on, start, length } of targets.flatMap(({ target }) => target.areas)) {
    // A device of size 0 may have another size when it is used.
    if (on.sectors === 0n) continue;
    demand(start < on.sectors && start + length <= on.sectors, 'device too small for target');
  }
}
