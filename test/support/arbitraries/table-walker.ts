// Reads the payload of DM_TABLE_LOAD like drivers/md/dm-ioctl.c; it shares only the offsets of <linux/dm-ioctl.h> with
// the library. Any byte that the kernel or libdevmapper would not have there is an error.

import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import type { TableLine } from '../../../src/dm/text/table.ts';

const LITTLE = endianness() === 'LE';

/** A NUL-terminated string in a field, followed by zeros. */
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
 * dm_split_args() treats a backslash as an escape. So each backslash must be doubled or precede the byte that is a
 * blank in Latin-1, and each such byte must have one. Strings have one character per byte.
 */
const withoutEscapes = (params: string): string =>
  params.replace(/\\(.?)|\u00a0/gs, (_, next: string | undefined) => {
    assert(next === '\\' || next === '\u00a0', 'neither an escape of the library nor a whole word');
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
