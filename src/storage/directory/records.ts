// The records of a storage directory, field by field as Docker writes them. Parsing is strict: a torn, foreign or
// hostile file is refused. Source: deviceset.go in daemon/graphdriver/devmapper of moby.

import * as v from 'valibot';
import { THIN_ID_MAX } from '../../dm/targets/provisioning/thin.ts';
import type { Bytes } from '../../dm/text/units.ts';
import { U64_MAX } from '../../ioctl/struct/record.ts';
import { StorageError } from '../config/errors.ts';
import type { DirectLvmOptions } from '../config/options.ts';
import { parseJson } from './json.ts';

/** The record of a layer or of the base device. */
export interface LayerRecord {
  readonly deviceId: number;
  readonly size: Bytes;
  /** The pool's transaction id after the transaction that created the thin device. */
  readonly transactionId: bigint;
  /** The base device has its filesystem. Always false for a layer. */
  readonly initialized: boolean;
  /** The layer is removed; its deletion is deferred. */
  readonly deleted: boolean;
}

/** `deviceset-metadata` */
export interface DeviceSetRecord {
  /** The thin id that was allocated last. */
  readonly nextDeviceId: number;
  /** UUID of the base device's filesystem; `''` if none is recorded. */
  readonly baseUuid: string;
  /** `'xfs'` or `'ext4'`; `''` if an old Docker recorded none. */
  readonly baseFilesystem: string;
}

/** `transaction-metadata`: the intent of the pending transaction, or of the last one. */
export interface TransactionRecord {
  /** The pool's transaction id after the transaction. */
  readonly openId: bigint;
  /** Id of the layer; `''` is the base device. */
  readonly hash: string;
  readonly deviceId: number;
}

/** A kind of record: how its file is parsed and printed. */
export interface RecordKind<T> {
  /** @throws SyntaxError, ValiError */
  readonly parse: (text: string) => T;
  readonly print: (record: T) => string;
}

const u64 = v.pipe(v.bigint(), v.minValue(0n), v.maxValue(U64_MAX));
const thinId = v.pipe(u64, v.maxValue(BigInt(THIN_ID_MAX)), v.transform(Number));
const percent = v.pipe(u64, v.maxValue(100n), v.transform(Number));

const layerFields = {
  device_id: thinId,
  size: u64,
  transaction_id: u64,
  initialized: v.boolean(),
  deleted: v.optional(v.boolean(), false),
};
const layerSchema = v.strictObject(layerFields);
const toLayer = (fields: v.InferOutput<typeof layerSchema>): LayerRecord => ({
  deviceId: fields.device_id,
  size: fields.size,
  transactionId: fields.transaction_id,
  initialized: fields.initialized,
  deleted: fields.deleted,
});

/** `metadata/base` and `metadata/ID` */
export const layerKind: RecordKind<LayerRecord> = {
  parse: (text) => toLayer(v.parse(layerSchema, parseJson(text))),
  print: ({ deviceId, size, transactionId, initialized, deleted }) =>
    `{"device_id":${deviceId},"size":${size},"transaction_id":${transactionId},"initialized":${initialized},"deleted":${deleted}}`,
};

const deviceSetSchema = v.strictObject({
  next_device_id: thinId,
  BaseDeviceUUID: v.optional(v.string(), ''),
  BaseDeviceFilesystem: v.optional(v.picklist(['', 'ext4', 'xfs']), ''),
});

/** `metadata/deviceset-metadata` */
export const deviceSetKind: RecordKind<DeviceSetRecord> = {
  parse: (text) => {
    const fields = v.parse(deviceSetSchema, parseJson(text));
    return {
      nextDeviceId: fields.next_device_id,
      baseUuid: fields.BaseDeviceUUID,
      baseFilesystem: fields.BaseDeviceFilesystem,
    };
  },
  print: ({ nextDeviceId, baseUuid, baseFilesystem }) =>
    `{"next_device_id":${nextDeviceId},"BaseDeviceUUID":${JSON.stringify(baseUuid)},"BaseDeviceFilesystem":${JSON.stringify(baseFilesystem)}}`,
};

const transactionSchema = v.strictObject({
  open_transaction_id: u64,
  device_hash: v.string(),
  device_id: thinId,
});

/** `metadata/transaction-metadata` */
export const transactionKind: RecordKind<TransactionRecord> = {
  parse: (text) => {
    const fields = v.parse(transactionSchema, parseJson(text));
    return {
      openId: fields.open_transaction_id,
      hash: fields.device_hash,
      deviceId: fields.device_id,
    };
  },
  print: ({ openId, hash, deviceId }) =>
    `{"open_transaction_id":${openId},"device_hash":${JSON.stringify(hash)},"device_id":${deviceId}}`,
};

const setupSchema = v.strictObject({
  Device: v.string(),
  ThinpPercent: percent,
  ThinpMetaPercent: percent,
  AutoExtendPercent: percent,
  AutoExtendThreshold: percent,
});

/** `setup-config.json`: the LVM pool that was created. The file does not record `force`. */
export const setupKind: RecordKind<DirectLvmOptions> = {
  parse: (text) => {
    const fields = v.parse(setupSchema, parseJson(text));
    return {
      device: fields.Device,
      force: false,
      thinpPercent: fields.ThinpPercent,
      thinpMetaPercent: fields.ThinpMetaPercent,
      autoExtendPercent: fields.AutoExtendPercent,
      autoExtendThreshold: fields.AutoExtendThreshold,
    };
  },
  print: (options) =>
    `{"Device":${JSON.stringify(options.device)},"ThinpPercent":${options.thinpPercent},"ThinpMetaPercent":${options.thinpMetaPercent},"AutoExtendPercent":${options.autoExtendPercent},"AutoExtendThreshold":${options.autoExtendThreshold}}`,
};

// Go matches keys without regard to case, and this file is older than the present names.
function lowerCaseKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key.toLowerCase(), item] as const);
  const fields = Object.fromEntries(entries);
  if (Object.keys(fields).length === entries.length) return fields;
  throw new SyntaxError('a name is repeated in an object, in upper and lower case');
}

/** The names that a schema of named fields silently leaves out. */
const LEFT_OUT = ['__proto__', 'constructor', 'prototype'];

const named = v.rawCheck<unknown>(({ dataset: { typed, value }, addIssue }) => {
  for (const name of LEFT_OUT) {
    if (typed && typeof value === 'object' && value !== null && Object.hasOwn(value, name))
      addIssue({ expected: 'a layer id', received: JSON.stringify(name) });
  }
});

const singleFileSchema = v.pipe(
  v.unknown(),
  v.transform(lowerCaseKeys),
  v.object({
    devices: v.pipe(
      v.unknown(),
      named,
      v.record(v.string(), v.pipe(v.unknown(), v.transform(lowerCaseKeys), v.object(layerFields))),
    ),
  }),
);

/** Parses `devicemapper/json` of Docker before 0.12. @returns every record by its layer's id; `''` is the base device */
export function parseSingleFile(text: string): ReadonlyMap<string, LayerRecord> {
  const { devices } = v.parse(singleFileSchema, parseJson(text));
  return new Map(Object.entries(devices).map(([hash, fields]) => [hash, toLayer(fields)]));
}

/** Parses a record. @throws StorageError ERR_STORAGE_RECORD, which names the file and its fault */
export function parseRecord<T>(parse: (text: string) => T, path: string, text: string): T {
  try {
    return parse(text);
  } catch (error) {
    const problem =
      error instanceof v.ValiError
        ? (error as v.ValiError<v.GenericSchema>).issues.map(issueText).join('; ')
        : text === ''
          ? 'it is empty'
          : `it is not JSON: ${(error as Error).message}`;
    throw new StorageError({
      code: 'ERR_STORAGE_RECORD',
      subject: path,
      problem: `not a record of this storage: ${problem}`,
      hint: 'Nothing was changed. Restore a copy of the file, or move it away if it belongs to another storage',
      cause: error,
    });
  }
}

const issueText = (issue: v.BaseIssue<unknown>): string =>
  `${v.getDotPath(issue) ?? 'the whole'}: expected ${issue.expected ?? 'nothing'}, got ${issue.received}`;
