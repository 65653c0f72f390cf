// The plot of the calls of the device mapper: the ratio of each peer to C, on a logarithmic scale.

import { label, line, svgDocument } from '../../scripts/svg.ts';
import type { PeerName } from './operations.ts';
import { ratio } from './report.ts';
import type { DeviceMapperResults } from './results.ts';

const COLOURS: readonly (readonly [PeerName, string])[] = [
  ['libdevmapper', '#777777'],
  ['inline', '#2a9d4a'],
  ['threads', '#1f5fa8'],
  ['pool', '#8e44ad'],
  ['dmsetup', '#e08e0b'],
  ['dmts command', '#c0392b'],
];

const WIDTH = 760;
const LEFT = 260;
const RIGHT = 20;
const TOP = 44;
const ROW = 22;
/** The lowest ratio that is drawn. */
const LEAST = 0.5;

/** The plot as SVG. */
export function deviceMapperPlot({ operations }: DeviceMapperResults): string {
  const points = operations.map((operation) => ({
    title: operation.title,
    ratios: COLOURS.flatMap(([peer, colour]) => {
      const value = ratio(operation, peer, 'raw');
      return value === undefined ? [] : [{ value, colour }];
    }),
  }));
  const most = Math.max(10, ...points.flatMap(({ ratios }) => ratios.map(({ value }) => value)));
  const decades = Math.ceil(Math.log10(most));
  const bottom = TOP + points.length * ROW;
  const x = (value: number): number =>
    LEFT +
    (Math.log10(Math.max(value, LEAST) / LEAST) / (decades - Math.log10(LEAST))) *
      (WIDTH - LEFT - RIGHT);
  const scale = Array.from({ length: decades + 1 }, (_, power) => 10 ** power).flatMap((value) => [
    line(x(value), TOP - 6, x(value), bottom, value === 1 ? '#333' : '#ddd'),
    label(x(value), bottom + 16, `${value}`, 'middle'),
  ]);
  const rows = points.flatMap(({ title, ratios }, row) => {
    const y = TOP + row * ROW + ROW / 2;
    return [
      label(LEFT - 24, y + 4, title, 'end'),
      ...ratios.map(
        ({ value, colour }) =>
          `<circle cx="${x(value).toFixed(1)}" cy="${y}" r="4" fill="${colour}" fill-opacity="0.8"/>`,
      ),
    ];
  });
  const legend = COLOURS.flatMap(([peer, colour], index) => [
    `<circle cx="${20 + index * 120}" cy="16" r="4" fill="${colour}"/>`,
    label(28 + index * 120, 20, peer === 'pool' ? 'ThinPool' : peer),
  ]);
  return svgDocument(WIDTH, bottom + 44, [
    ...legend,
    ...scale,
    ...rows,
    label(LEFT, bottom + 36, 'time of an operation as a multiple of that of C'),
  ]);
}
