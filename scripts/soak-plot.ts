// Draws the samples of a soak test: `node build/scripts/soak-plot.js < LOG > docs/soak.svg`. Each figure has a panel of its own,
// with its first and its last median.

import { text } from 'node:stream/consumers';

interface Panel {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly scale: number;
}

const PANELS: readonly Panel[] = [
  { key: 'recoveryMs', title: 'Recovery after a kill', unit: 'ms', scale: 1 },
  { key: 'heapBytes', title: 'Heap after a collection', unit: 'MB', scale: 1e6 },
  { key: 'residentBytes', title: 'Resident memory', unit: 'MB', scale: 1e6 },
  { key: 'descriptors', title: 'Open descriptors', unit: '', scale: 1 },
  { key: 'loops', title: 'Attached loop devices', unit: '', scale: 1 },
];

const WIDTH = 720;
const HEIGHT = 90;
const LEFT = 60;
const TITLE = 22;

type Sample = Readonly<Record<string, number>>;

const samples: readonly Sample[] = (await text(process.stdin))
  .split('\n')
  .flatMap((line) => /sample (\{.*\})/.exec(line)?.[1] ?? [])
  .map((json) => JSON.parse(json) as Sample);
if (samples.length < 2) throw new Error('cannot draw: the log has fewer than two samples');

const seconds = samples.at(-1)!['seconds']!;

function panel({ key, title, unit, scale }: Panel, index: number): string {
  const values = samples.map((sample) => sample[key]! / scale);
  const top = Math.max(...values) * 1.1 || 1;
  const y0 = index * (HEIGHT + TITLE) + TITLE;
  const x = (sample: Sample) => LEFT + (sample['seconds']! / seconds) * (WIDTH - LEFT - 10);
  const y = (value: number) => y0 + HEIGHT - (value / top) * (HEIGHT - 10);
  const dots = samples
    .map(
      (sample, at) =>
        `<circle cx="${x(sample).toFixed(1)}" cy="${y(values[at]!).toFixed(1)}" r="1.2"/>`,
    )
    .join('');
  return [
    `<text x="${LEFT}" y="${y0 - 6}">${title}${unit && ` (${unit})`}</text>`,
    `<text x="${LEFT - 6}" y="${y0 + 12}" text-anchor="end">${top.toPrecision(3)}</text>`,
    `<text x="${LEFT - 6}" y="${y0 + HEIGHT}" text-anchor="end">0</text>`,
    `<rect x="${LEFT}" y="${y0}" width="${WIDTH - LEFT - 10}" height="${HEIGHT}" fill="none" stroke="#bbb"/>`,
    `<g fill="#1f5fa8">${dots}</g>`,
  ].join('\n');
}

const height = PANELS.length * (HEIGHT + TITLE) + 24;
process.stdout.write(
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...PANELS.map(panel),
    `<text x="${LEFT}" y="${height - 8}">${samples.length} recoveries in ${Math.round(seconds / 60)} minutes</text>`,
    '</svg>\n',
  ].join('\n'),
);
