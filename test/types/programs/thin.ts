// A program that keeps a pool for virtual machines: it creates a pool with a snapshot, grows it, watches its health, and
// lists what has changed since the last backup.

import { type DeviceInfo, DeviceMapper, parseSize } from 'dmts';
import {
  type ActivatePoolOptions,
  type AutoExtendOptions,
  type CreatePoolOptions,
  compareThins,
  DEFAULT_THRESHOLDS,
  type DeltaRange,
  discardThin,
  type Extension,
  findHolders,
  formatHolder,
  type Holder,
  isPoolError,
  type ListedThin,
  PoolError,
  type PoolErrorCode,
  type PoolHealth,
  type PoolState,
  PoolView,
  poolHealth,
  readMetadata,
  readThins,
  ThinIds,
  ThinPool,
  ToolError,
  thinCheck,
  thinDelta,
  thinDump,
  thinLs,
} from 'dmts/thin';

const FILES: CreatePoolOptions = {
  metadata: '/srv/vms/metadata',
  metadataSize: parseSize('64M'),
  data: '/srv/vms/data',
  dataSize: parseSize('100G'),
  features: ['skip_block_zeroing'],
};

const SAME: ActivatePoolOptions = {
  metadata: '/srv/vms/metadata',
  data: '/srv/vms/data',
  expect: { transactionId: 1n },
};

/** Creates the pool, or activates the one that exists. */
async function openPool(dm: DeviceMapper): Promise<ThinPool> {
  try {
    return await ThinPool.create(dm, 'vms', { ...FILES, thresholds: { dataPercent: 70 } });
  } catch (error) {
    if (!isPoolError(error, 'ERR_POOL_NOT_BLANK')) throw error;
    return ThinPool.activate(dm, 'vms', SAME);
  }
}

/** Creates a machine's disk, and a snapshot of it. */
async function machine(pool: ThinPool, ids: ThinIds): Promise<DeviceInfo> {
  const [disk, snapshot] = [ids.allocate(), ids.allocate()];
  if (disk === undefined || snapshot === undefined) throw new Error('no thin id is free');
  await pool.createThin(disk);
  const device = await pool.activateThin(disk, { length: 41_943_040, name: 'vm-disk' });
  await pool.createSnap(snapshot, disk);
  await pool.setTransactionId(0, 1n);
  return device;
}

/** The bytes that differ between two snapshots. */
async function changed(pool: ThinPool, before: number, after: number): Promise<bigint> {
  let blocks = 0n;
  let blockSize = 0n;
  for await (const item of pool.compare(before, after)) {
    if (item.kind === 'superblock') blockSize = item.blockSize * 512n;
    else if (isChange(item)) blocks += item.length;
  }
  return blocks * blockSize;
}

const isChange = ({ kind }: DeltaRange): boolean => kind === 'different' || kind === 'right_only';

export async function extend(pool: ThinPool, signal: AbortSignal): Promise<void> {
  const rules: AutoExtendOptions = {
    data: { thresholdPercent: 80, step: parseSize('10G'), ceiling: parseSize('1T') },
    metadata: { step: parseSize('16M'), ceiling: parseSize('1G') },
    signal,
  };
  for await (const extension of pool.autoExtend(rules)) console.log(tell(extension));
}

function tell(extension: Extension): string {
  return extension.type === 'extended'
    ? `${extension.what} has ${extension.size} bytes now`
    : `${extension.what} cannot grow: ${String(extension.reason)}`;
}

const isSound = (state: PoolState): boolean => state === 'ok' || state === 'low';

export async function look(dm: DeviceMapper): Promise<void> {
  for (const view of await PoolView.all(dm)) {
    const { state, advice, data }: PoolHealth = await view.health();
    console.log(view.name, state, advice, data?.used, DEFAULT_THRESHOLDS.dataPercent);
    console.log(isSound(poolHealth(await view.status()).state));
    for (const [id, { mappedBlocks }] of await view.thinDetails()) console.log(id, mappedBlocks);
    for (const active of await view.activeThins()) {
      const status = await view.thinStatus(active);
      if (status.state === 'working') console.log(active.id, status.mapped);
    }
  }
}

/** What an inactive pool's metadata contains. */
export async function inspect(path: string): Promise<readonly ListedThin[]> {
  const content = await readMetadata(path);
  if (content.state !== 'pool') throw new Error(`${path} is ${content.state}`);
  const { ok, text } = await thinCheck(path, { skipMappings: true });
  if (!ok) throw new Error(text);
  for await (const item of thinDump(path, { devices: [1] })) console.log(item.kind);
  for await (const item of thinDelta(path, 1, 2)) console.log(item.kind);
  for await (const item of compareThins(path, 1, 2, { same: true })) console.log(item.kind);
  for await (const { id, exclusiveBlocks } of readThins(path)) console.log(id, exclusiveBlocks);
  const thins: ListedThin[] = [];
  for await (const thin of thinLs(path)) thins.push(thin);
  return thins;
}

export async function main(signal: AbortSignal): Promise<void> {
  const dm = await DeviceMapper.open();
  try {
    const pool = await openPool(dm);
    const device = await machine(pool, new ThinIds([0]));
    const holders: readonly Holder[] = await findHolders(device.dev);
    console.log(holders.map(formatHolder).join(', '), await changed(pool, 1, 2));
    await pool.growData(parseSize('200G'), { lowWaterMark: 1000, signal });
    await pool.growThin(1, 50_000_000n);
    await discardThin(device.path, { onProgress: (done, total) => console.log(done, total) });
    for await (const { type, health } of pool.watch({ signal })) console.log(type, health.state);
    await pool.deactivateThin(1, { timeoutMs: 1000 });
    await pool.deleteThin(1);
    await pool.deactivate();
  } catch (error) {
    if (!(error instanceof PoolError || error instanceof ToolError)) throw error;
    const code: PoolErrorCode | string = error.code;
    console.error(code, error.message);
  } finally {
    dm.close();
  }
}
