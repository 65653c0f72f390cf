// Draws the samples of a soak test: `node build/scripts/soak-plot.js < LOG > docs/soak.svg`. Each figure has a panel of its own,
// with the medians of its first and its last third.

import { text } from 'node:stream/consumers';
import { median } from '../bench/statistics.ts';
import { label, svgDocument } from './svg.ts';

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

/** The next of 1, 2, 5, 10, 20, 50, …, so that the scale is a short number. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value)!;
}

/** `'15.9 at first, 16.2 at last'`: the medians of the first and of the last third. */
function ends(values: readonly number[]): string {
  const third = Math.ceil(values.length / 3);
  const [first, last] = [values.slice(0, third), values.slice(-third)].map(median);
  return `${Number(first!.toPrecision(3))} at first, ${Number(last!.toPrecision(3))} at last`;
}

function panel({ key, title, unit, scale }: Panel, index: number): string {
  const values = samples.map((sample) => sample[key]! / scale);
  const top = roundUp(Math.max(...values, 1));
  const y0 = index * (HEIGHT + TITLE) + TITLE;
  const x = (sample: Sample) => LEFT + (sample['seconds']! / seconds) * (WIDTH - LEFT - 10);
  const y = (value: number) => y0 + HEIGHT - (value / top) * (HEIGHT - 10);
  const dots = samples
    .map(
      (sample, at) =>
        `<circle cx="${x(sample).toFixed(1)}" cy="${y(values[at]!).toFixed(1)}" r="2"/>`,
    )
    .join('');
  return [
    label(LEFT, y0 - 6, `${title}${unit && ` in ${unit}`}: ${ends(values)}`),
    label(LEFT - 6, y0 + 12, String(top), 'end'),
    label(LEFT - 6, y0 + HEIGHT, '0', 'end'),
    `<rect x="${LEFT}" y="${y0}" width="${WIDTH - LEFT - 10}" height="${HEIGHT}" fill="none" stroke="#bbb"/>`,
    `<g fill="#1f5fa8">${dots}</g>`,
  ].join('\n');
}

const height = PANELS.length * (HEIGHT + TITLE) + 24;
process.stdout.write(
  svgDocument(WIDTH, height, [
    ...PANELS.map(panel),
    label(
      LEFT,
      height - 8,
      `${samples.length} recoveries in ${Math.round(seconds / 60)} minutes, from left to right`,
    ),
  ]),
);
