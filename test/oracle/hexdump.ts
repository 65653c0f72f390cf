// A difference as people read it: the fields of <linux/dm-ioctl.h>, one side beside the other.

import { dmIoctl, dmTargetMsg, dmTargetSpec } from '../../src/dm/wire/abi.ts';
import { Dm, type DmCommand } from '../../src/dm/wire/commands.ts';
import type { Pair } from './calls.ts';

interface Part {
  readonly name: string;
  readonly at: number;
  readonly end: number;
}

const parts = (fields: readonly (readonly [string, number])[], base = 0): readonly Part[] =>
  fields.map(([name, size], i) => {
    const at = base + fields.slice(0, i).reduce((sum, [, before]) => sum + before, 0);
    return { name, at, end: at + size };
  });

const HEADER = parts([
  ['version', 12],
  ['data_size', 4],
  ['data_start', 4],
  ['target_count', 4],
  ['open_count', 4],
  ['flags', 4],
  ['event_nr', 4],
  ['padding', 4],
  ['dev', 8],
  ['name', 128],
  ['uuid', 129],
  ['data', 7],
]);

const SPEC = [
  ['sector_start', 8],
  ['length', 8],
  ['status', 4],
  ['next', 4],
  ['target_type', 16],
] as const;

/** The parts of a payload, by libdevmapper's idea of where they lie. */
function payloadParts(command: DmCommand, bytes: Buffer): readonly Part[] {
  const base = dmIoctl.size;
  if (command === Dm.TARGET_MSG) {
    return [
      ...parts([['sector', dmTargetMsg.size]], base),
      { name: 'message', at: base + dmTargetMsg.size, end: bytes.length },
    ];
  }
  if (command !== Dm.TABLE_LOAD) return [{ name: 'payload', at: base, end: bytes.length }];
  const found: Part[] = [];
  let at = base;
  for (let i = 0; i < dmIoctl.decode(bytes).targetCount; i++) {
    const { next } = dmTargetSpec.decode(bytes, at);
    found.push(
      ...parts(
        SPEC.map(([name, size]) => [`target[${i}].${name}`, size] as const),
        at,
      ),
      { name: `target[${i}].params`, at: at + dmTargetSpec.size, end: at + next },
    );
    at += next;
  }
  return [...found, { name: 'behind the last target', at, end: bytes.length }];
}

const ROW = 16;
const TITLE = 26;

const shown = (bytes: Buffer): string =>
  `${(bytes.toString('hex').match(/../g) ?? []).join(' ').padEnd(ROW * 3 - 1)} |${bytes
    .toString('latin1')
    .replace(/[^ -~]/g, '.')
    .padEnd(ROW)}|`;

/** Every part that holds anything, in rows of 16 bytes; `<>` marks what differs. Of what is the same only a part's first row. */
export function hexdump(command: DmCommand, { libdevmapper, dmts }: Pair): string {
  const rows = [
    `${command.name.padEnd(TITLE + 8)}${'libdevmapper'.padEnd(ROW * 4 + 5)}dmts`,
    ...[...HEADER, ...payloadParts(command, libdevmapper)].flatMap(({ name, at, end }) => {
      const lines: string[] = [];
      for (let row = at; row < end; row += ROW) {
        const theirs = libdevmapper.subarray(row, Math.min(end, row + ROW));
        const ours = dmts.subarray(row, Math.min(end, row + ROW));
        const same = theirs.equals(ours);
        if (same && (row > at || theirs.every((byte) => byte === 0))) continue;
        const title = row === at ? name : '';
        lines.push(
          `${title.padEnd(TITLE)} ${String(row).padStart(5)}  ${shown(theirs)} ${same ? '  ' : '<>'} ${shown(ours)}`,
        );
      }
      return lines;
    }),
  ];
  return rows.join('\n');
}
