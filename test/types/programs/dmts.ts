// A program that mirrors a device's life to its log: it creates a linear device, reads its table and its statistics, and
// follows its events.

import {
  type Bytes,
  bytesToSectors,
  type CreateOptions,
  createStats,
  type DeviceEvent,
  type DeviceInfo,
  DeviceMapper,
  deviceTrees,
  formatDev,
  formatLine,
  formatSize,
  formatTrees,
  hasParams,
  hideKeys,
  InputError,
  isDmError,
  parseDev,
  parseSize,
  parseTable,
  ReplyError,
  readStats,
  type Sectors,
  SyscallError,
  sectorsToBytes,
  type TargetInput,
  UdevTimeoutError,
  UnavailableError,
  type Version,
} from 'dmts';
import { linear } from 'dmts/targets';

/** What went wrong, for a log. */
function explain(error: unknown): string {
  if (isDmError(error, 'EBUSY'))
    return `${error.device ?? 'a device'} is in use: ${error.hint ?? ''}`;
  if (isDmError(error)) return [error.code, error.command, error.field, error.reason].join(' ');
  if (error instanceof InputError) return `${error.field}: ${error.message}`;
  if (error instanceof ReplyError) return `${error.target ?? ''}: ${error.problem}`;
  if (error instanceof UdevTimeoutError) return `${error.device} is there, but udev is slow`;
  if (error instanceof SyscallError || error instanceof UnavailableError) return error.message;
  throw error;
}

/** Creates a device on the first `size` of a disk. */
async function half(dm: DeviceMapper, disk: string, size: string): Promise<DeviceInfo> {
  const wanted: Bytes = parseSize(size);
  const length: Sectors = bytesToSectors(wanted);
  const table: readonly TargetInput[] = [linear({ length, device: disk, offset: 2048 })];
  const options: CreateOptions = { table, uuid: 'half-1', signal: AbortSignal.timeout(5000) };
  return dm.create('half', options);
}

function follow(event: DeviceEvent): string {
  // A rename has one field more.
  return event.type === 'renamed'
    ? `${event.from} is ${event.device.name} now`
    : `${event.type} ${event.device.name}`;
}

export async function main(signal: AbortSignal): Promise<void> {
  const dm = await DeviceMapper.open({ udev: { timeoutMs: 1000 } });
  try {
    const [major, minor]: Version = await dm.version();
    console.log(`device mapper ${major}.${minor}`);
    const device = await half(dm, '/dev/sdb', '512M');
    console.log(device.path, formatDev(device.dev), parseDev('253:0') === device.dev);
    const { targets } = await dm.table('half');
    for (const line of targets) {
      console.log(formatLine(hideKeys(line)), formatSize(sectorsToBytes(line.length), 'm'));
      if (hasParams(line, linear)) console.log(line.record.device, line.record.offset);
    }
    await dm.reload('half', parseTable('0 2048 linear /dev/sdb 0\n2048 2048 error'));
    const region = await createStats(dm, 'half', { areas: { count: 4 }, precise: true });
    for (const sample of await readStats(dm, 'half', region)) {
      const busy: bigint = sample.readBusyTime + sample.writeBusyTime;
      console.log(sample.start, busy);
    }
    console.log(formatTrees(await deviceTrees(dm), { blockNames: true }).join('\n'));
    for await (const event of dm.watch({ signal })) console.log(follow(event));
    const { deferred } = await dm.remove('half', { retryMs: 1000, deferred: true });
    if (deferred) console.log('half is removed when its last holder closes it');
  } catch (error) {
    console.error(explain(error));
  } finally {
    dm.close();
  }
}

/** The same, for a compiler that knows `await using`. */
export async function names(): Promise<readonly string[]> {
  await using dm = await DeviceMapper.open({ nodes: false });
  return (await dm.list()).map(({ name }) => name);
}

// @ts-expect-error A length in bytes is not one in sectors.
export const mistaken: TargetInput = { length: parseSize('1M'), type: 'zero' };
