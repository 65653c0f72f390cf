// Formats a pool for `dmts pool status`.

import { formatSize } from '../../dm/text/size.ts';
import { SECTOR } from '../../dm/text/units.ts';
import { DEFAULT_THRESHOLDS, type Usage } from '../../thin/live/health.ts';
import { METADATA_BLOCK } from '../../thin/metadata/metadata-need.ts';
import type { PoolDetails } from '../pool-support/pool-details.ts';
import { BAR_WIDTH, bar, percentText } from '../support/bar.ts';

/** A terminal: it shows bars, and its lines are limited. */
export interface Terminal {
  readonly columns: number;
  /** Whether the terminal shows UTF-8. */
  readonly utf8: boolean;
}

const LABEL_WIDTH = 15;
const PERCENT_WIDTH = 6;
/** The minimum width of a readable bar. */
const BAR_MIN = 8;
/** With fewer columns a label has its own line. */
const BESIDE_MIN = 50;

function usageText(
  usage: Usage | undefined,
  blockBytes: bigint,
  lowPercent: number,
  room: number,
  terminal: Terminal | undefined,
): string {
  if (usage === undefined) return 'unknown';
  const sizes = `${formatSize(usage.used * blockBytes)} of ${formatSize(usage.total * blockBytes)}`;
  const text = `${percentText(usage).padStart(PERCENT_WIDTH)}  ${sizes}, low from ${lowPercent}%`;
  if (terminal === undefined) return text;
  const beside = Math.min(BAR_WIDTH, room - text.length - 1);
  if (beside >= BAR_MIN) return `${bar(usage, lowPercent, beside, terminal.utf8)} ${text}`;
  const above = Math.min(BAR_WIDTH, room);
  return above < BAR_MIN
    ? text.trim()
    : `${bar(usage, lowPercent, above, terminal.utf8)} ${text.trim()}`;
}

/** Formats a pool. Without a terminal lines are not wrapped. */
export function poolText(
  { name, table, status, health, thins }: PoolDetails,
  terminal: Terminal | undefined,
): string {
  const columns = terminal?.columns ?? Number.POSITIVE_INFINITY;
  const indent = columns < BESIDE_MIN ? '    ' : ' '.repeat(LABEL_WIDTH + 2);
  const room = columns - indent.length;
  const block = table.params.blockSize * SECTOR;
  const { dataPercent, metadataPercent } = DEFAULT_THRESHOLDS;
  const working = status.state === 'working' ? status : undefined;
  const active = thins.map(({ id, info }) => `${id} (${info.name})`).join(', ') || 'none';
  const usage = (used: Usage | undefined, bytes: bigint, lowPercent: number): string =>
    usageText(used, bytes, lowPercent, room, terminal);
  const rows: readonly (readonly [label: string, text: string | undefined])[] = [
    ['state', health.state + (table.info.suspended ? ', suspended' : '')],
    ['advice', health.advice],
    ['data', usage(health.data, block, dataPercent)],
    ['metadata', usage(health.metadata, METADATA_BLOCK, metadataPercent)],
    ['mode', working?.mode],
    ['transaction id', working && `${working.transactionId}`],
    ['block size', formatSize(block)],
    ['active thins', active],
  ];
  const lines = rows.flatMap(([label, text]) => {
    if (text === undefined) return [];
    const wrapped = wrap(text, room).join(`\n${indent}`);
    return columns < BESIDE_MIN
      ? [`  ${label}\n${indent}${wrapped}\n`]
      : [`  ${label.padEnd(LABEL_WIDTH)}${wrapped}\n`];
  });
  return `${name}\n${lines.join('')}`;
}

/** Wraps text at blanks to lines of at most `width` characters. A longer word has its own line. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const before = rest.lastIndexOf(' ', width);
    const at = rest.slice(0, before).trim() === '' ? rest.indexOf(' ', width) : before;
    if (at === -1) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at + 1).trimStart();
  }
  return [...lines, rest];
}
