// Reads the payload of DM_TABLE_LOAD as drivers/md/dm-ioctl.c does, with nothing of ours but the offsets of
// <linux/dm-ioctl.h>. Any byte that is not what the kernel, or libdevmapper, would have there is an error.

import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import type { TableLine } from '../../src/dm/table.ts';

const LITTLE = endianness() === 'LE';

/** A NUL-terminated string in a field, and zeros behind it. */
function text(bytes: Buffer, what: string): Buffer {
  const end = bytes.indexOf(0);
  assert(end !== -1, `${what}: no NUL`);
  assert(
    bytes.subarray(end).every((byte) => byte === 0),
    `${what}: bytes behind the NUL`,
  );
  return bytes.subarray(0, end);
}

/**
 * dm_split_args() takes a backslash as an escape: here every one of them must have been doubled, or stand before
 * the byte that is a blank in Latin-1, and no such byte without one. One character per byte.
 */
const withoutEscapes = (params: string): string =>
  params.replace(/\\(.?)|\u00a0/gs, (_, next: string | undefined) => {
    assert(next === '\\' || next === '\u00a0', 'neither an escape of ours nor a word of one piece');
    return next;
  });

/** The targets of the payload. */
export function walkTable(payload: Buffer, count: number): readonly TableLine[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const lines: TableLine[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const next = view.getUint32(at + 20, LITTLE);
    assert.equal(next % 8, 0, 'next: a multiple of 8');
    const params = text(payload.subarray(at + 40, at + next), 'params');
    assert(next >= 40 + params.length + 1, 'next: room for the NUL');
    assert(next < 40 + params.length + 1 + 8, 'next: no more than the alignment needs');
    assert.equal(view.getInt32(at + 16, LITTLE), 0, 'status');
    lines.push({
      start: view.getBigUint64(at, LITTLE),
      length: view.getBigUint64(at + 8, LITTLE),
      type: text(payload.subarray(at + 24, at + 40), 'target_type').toString('latin1'),
      params: Buffer.from(withoutEscapes(params.toString('latin1')), 'latin1').toString('utf8'),
    });
    at += next;
  }
  assert.equal(at, payload.length, 'the payload ends with the last target');
  return lines;
}
