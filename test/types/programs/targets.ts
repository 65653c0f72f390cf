// A program that writes tables of several target types and reads their status.

import { type AnyTargetKind, type DeviceMapper, hasStatus, SecretKey, type TypedLine } from 'dmts';
import {
  type CacheParams,
  type CacheStatus,
  type CryptParams,
  cache,
  crypt,
  delay,
  error,
  flakey,
  integrity,
  linear,
  mapRegions,
  mirror,
  multipath,
  type RaidParams,
  type RegionMapping,
  type Reported,
  raid,
  type StripedParams,
  snapshot,
  snapshotMerge,
  snapshotOrigin,
  striped,
  switchTarget,
  type TargetKind,
  type ThinPoolStatus,
  targetKinds,
  thin,
  thinPool,
  type VerityParams,
  verity,
  writecache,
  zero,
} from 'dmts/targets';

const key: CryptParams = {
  cipher: 'aes-xts-plain64',
  key: SecretKey.inKeyring({ size: 64, type: 'logon', description: 'backup:disk1' }),
  device: '/dev/sdb',
  sectorSize: 4096,
  ivLargeSectors: true,
  allowDiscards: true,
};

const fast: CacheParams = {
  metadataDevice: '/dev/nvme0n1p1',
  cacheDevice: '/dev/nvme0n1p2',
  originDevice: '/dev/sdb',
  blockSize: 512,
  writeMode: 'writethrough',
  policyArgs: [['migration_threshold', '2048']],
};

const image: VerityParams = {
  dataDevice: '/dev/sdb1',
  hashDevice: '/dev/sdb2',
  dataBlocks: 262_144,
  rootHash: '4392712ba01368efdf14b05c76f9e4df0d53664630b5d48632ed17a137f39076',
  onCorruption: 'restart',
};

const two: StripedParams = {
  chunkSize: 256,
  stripes: [{ device: '/dev/sdb' }, { device: '8:32' }],
};

const safe: RaidParams = {
  level: 'raid1',
  devices: [
    { metadata: '/dev/a1', data: '/dev/a2' },
    { metadata: '/dev/b1', data: '/dev/b2' },
  ],
  sync: 'nosync',
};

/** A table of each kind. */
export const TABLES = {
  crypt: [crypt({ length: 2048, ...key })],
  cache: [cache({ length: 2048, ...fast })],
  verity: [verity({ length: 2_097_152, ...image })],
  striped: [striped({ length: 4096, ...two })],
  raid: [raid({ length: 2048, ...safe })],
  thin: [thin({ length: 2048n, pool: '/dev/mapper/pool', id: 1 })],
  mixed: [linear({ length: 8, device: '/dev/sdb' }), zero({ length: 8 }), error({ length: 8 })],
};

export function words(params: CacheParams): string {
  return `${cache.type} ${cache.formatParams({ ...params, policy: 'smq' })}`;
}

/** The hit rate of a cache; `undefined` for one that is offline. */
export function hitRate(text: string): number | undefined {
  const status: CacheStatus = cache.parseStatus(text);
  if (status.state !== 'working') return undefined;
  const { readHits, readMisses } = status;
  return Number(readHits) / Number(readHits + readMisses);
}

export function describePool(status: ThinPoolStatus): string {
  switch (status.state) {
    case 'working':
      return `${status.data.used} of ${status.data.total} blocks, ${status.mode}`;
    default:
      return status.state;
  }
}

export function describeLine(line: TypedLine): string {
  if (hasStatus(line, thinPool)) return describePool(line.record);
  if (hasStatus(line, raid)) return line.record.action ?? 'no action';
  if (hasStatus(line, verity)) return line.record.valid ? 'valid' : 'corrupt';
  return line.problem?.message ?? line.params;
}

export async function change(dm: DeviceMapper): Promise<void> {
  await dm.message('pool', thinPool.messages.createSnap(2, 1));
  await dm.message('fast', cache.messages.invalidateCblocks(1, [2, 10]));
  await dm.message('secret', crypt.messages.keyWipe());
  await dm.message('secret', crypt.messages.keySet(SecretKey.fromHex('00'.repeat(64))));
}

/** A word of a newer kernel is possible wherever the kernel reports. */
export const cipherOf = (params: string): Reported<'aes-xts-plain64'> =>
  crypt.parseParams(params).cipher;

const known: readonly AnyTargetKind[] = [...targetKinds.values()];
const others: readonly { readonly type: string }[] = [
  delay,
  flakey,
  integrity,
  mirror,
  multipath,
  snapshot,
  snapshotMerge,
  snapshotOrigin,
  switchTarget,
  writecache,
];
const lines: TargetKind<{ readonly device: string }> = linear;
export const types: readonly string[] = [...known, ...others, lines].map(({ type }) => type);
export const regions: readonly RegionMapping[] = mapRegions(1, [0, 1, 0, 1]);
