// The public descriptions of layers.

import type { Bytes } from '../../dm/text/units.ts';
import { BASE, deviceName, type Layout } from '../directory/layout.ts';
import type { LayerRecord } from '../directory/records.ts';

/** A layer, from its record. */
export interface LayerInfo {
  readonly id: string;
  readonly deviceId: number;
  readonly size: Bytes;
  readonly transactionId: bigint;
  /** How often this process has mounted the layer. In a view: 1 if any process has mounted it. */
  readonly mounts: number;
}

/** The layer's fields in `docker inspect`. */
export interface LayerMetadata {
  readonly DeviceId: string;
  readonly DeviceSize: string;
  readonly DeviceName: string;
}

/** A layer, from its record. */
export const layerInfo = (
  id: string,
  { deviceId, size, transactionId }: LayerRecord,
  mounts: number,
): LayerInfo => ({ id, deviceId, size, transactionId, mounts });

/** Every layer that is not deleted, sorted by id. */
export const layerInfos = (
  records: Iterable<readonly [id: string, record: LayerRecord]>,
  mountsOf: (id: string) => number,
): readonly LayerInfo[] =>
  [...records]
    .filter(([id, { deleted }]) => id !== BASE && !deleted)
    .map(([id, record]) => layerInfo(id, record, mountsOf(id)))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** The layer's fields in `docker inspect`. */
export const layerMetadata = (
  layout: Layout,
  id: string,
  { deviceId, size }: LayerRecord,
): LayerMetadata => ({
  DeviceId: String(deviceId),
  DeviceSize: String(size),
  DeviceName: deviceName(layout, id),
});
