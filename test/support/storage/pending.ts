// A pending transaction that creates the layer `b`, and the record of that layer.

import type { LayerRecord, TransactionRecord } from '../../../src/storage/directory/records.ts';

/** The intent of the transaction. */
export const PENDING: TransactionRecord = { openId: 8n, hash: 'b', deviceId: 5 };
/** The record that the transaction writes. */
export const RECORD: LayerRecord = {
  deviceId: 5,
  size: 512n,
  transactionId: 8n,
  initialized: false,
  deleted: false,
};
