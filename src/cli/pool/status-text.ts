// A pool in lines for people.

import { formatSize } from '../../dm/size.ts';
import { DEFAULT_THRESHOLDS, type Usage } from '../../thin/health.ts';
import { bar, percentText } from '../bar.ts';
import { METADATA_BLOCK, type PoolFigures, SECTOR } from './figures.ts';

const LABEL_WIDTH = 15;
const PERCENT_WIDTH = 6;

function usageText(
  usage: Usage | undefined,
  blockBytes: bigint,
  lowPercent: number,
  bars: boolean,
): string {
  if (usage === undefined) return 'unknown';
  const sizes = `${formatSize(usage.used * blockBytes)} of ${formatSize(usage.total * blockBytes)}`;
  const picture = bars ? `${bar(usage, lowPercent)} ` : '';
  return `${picture}${percentText(usage).padStart(PERCENT_WIDTH)}  ${sizes}, low from ${lowPercent}%`;
}

/** The lines of a pool, with bars where a terminal shows them. */
export function poolText(
  { name, table, status, health, thins }: PoolFigures,
  bars: boolean,
): string {
  const block = table.params.blockSize * SECTOR;
  const { dataPercent, metadataPercent } = DEFAULT_THRESHOLDS;
  const working = status.state === 'working' ? status : undefined;
  const active = thins.map(({ id, info }) => `${id} (${info.name})`).join(', ') || 'none';
  const rows: readonly (readonly [label: string, text: string | undefined])[] = [
    ['state', health.state + (table.info.suspended ? ', suspended' : '')],
    ['advice', health.advice],
    ['data', usageText(health.data, block, dataPercent, bars)],
    ['metadata', usageText(health.metadata, METADATA_BLOCK, metadataPercent, bars)],
    ['mode', working?.mode],
    ['transaction id', working && `${working.transactionId}`],
    ['block size', formatSize(block)],
    ['active thins', active],
  ];
  const lines = rows.flatMap(([label, text]) =>
    text === undefined ? [] : [`  ${label.padEnd(LABEL_WIDTH)}${text}\n`],
  );
  return `${name}\n${lines.join('')}`;
}
