// Draws `ls --tree` like dmsetup.

import { blockDeviceName } from '../../dm/device/tree.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import { UsageError } from '../support/exit-status.ts';
import type { GraphNode } from './device-graph.ts';

const E = '\x1b';
interface Lines {
  readonly branch: string;
  readonly vertical: string;
  readonly last: string;
  /** In a compact tree: before a single device, and before the first of several. */
  readonly single: string;
  readonly first: string;
}

type Drawing = 'ascii' | 'utf' | 'vt100';

const LINES: Readonly<Record<Drawing, Lines>> = {
  ascii: { branch: '|-', vertical: '| ', last: '`-', single: '---', first: '-+-' },
  utf: { branch: '├─', vertical: '│ ', last: '└─', single: '───', first: '─┬─' },
  vt100: {
    branch: `${E}(0\x0ftq${E}(B`,
    vertical: `${E}(0\x0fx${E}(B `,
    last: `${E}(0\x0fmq${E}(B`,
    single: `${E}(0\x0fqqq${E}(B`,
    first: `${E}(0\x0fqwq${E}(B`,
  },
};

/** What each device shows, and how the tree is drawn. */
export type TreeOption =
  | Drawing
  | 'active'
  | 'blkdevname'
  | 'compact'
  | 'device'
  | 'inverted'
  | 'nodevice'
  | 'notrunc'
  | 'open'
  | 'rw'
  | 'uuid';

const SWITCHES: readonly TreeOption[] = [
  'active',
  'blkdevname',
  'compact',
  'device',
  'inverted',
  'nodevice',
  'notrunc',
  'open',
  'rw',
  'uuid',
];

const OPTIONS: readonly string[] = [...Object.keys(LINES), ...SWITCHES];

/** Parses comma-separated options. @throws UsageError */
export function parseTreeOptions(text: string): readonly TreeOption[] {
  const words = text.split(',').filter((word) => word !== '');
  const wrong = words.find((word) => !OPTIONS.includes(word));
  if (wrong === undefined) return words as TreeOption[];
  throw new UsageError(
    `invalid -o: expected some of ${OPTIONS.join(', ')}, got ${JSON.stringify(wrong)}`,
  );
}

/** The terminal that shows the tree. */
export interface Canvas {
  /** Whether lines may use characters beyond ASCII. */
  readonly utf8: boolean;
  /** The width of the terminal in columns; `undefined` without a terminal. */
  readonly columns: number | undefined;
  readonly sysDir: string;
}

/** Draws the trees of `nodes`. */
export function treeText(
  nodes: readonly GraphNode[],
  options: readonly TreeOption[],
  canvas: Canvas,
): string {
  const has = (option: TreeOption): boolean => options.includes(option);
  const drawing = options.findLast((option) => option in LINES) as Drawing | undefined;
  const lines = LINES[drawing ?? (canvas.utf8 ? 'utf' : 'ascii')];
  const inverted = has('inverted');
  const next = (node: GraphNode): readonly GraphNode[] => (inverted ? node.above : node.below);
  const tops = nodes.filter(({ below, above }) => (inverted ? below : above).length === 0);
  const numbered =
    options.findLast((option) => option === 'device' || option === 'nodevice') !== 'nodevice';
  const text = (node: GraphNode): string => nodeText(node, has, numbered, canvas);
  // A device without a name is hidden when neither of its other names is shown.
  const isShown = ({ info }: GraphNode): boolean =>
    info !== undefined || numbered || has('blkdevname');
  const draw = (has('compact') ? drawCompact : drawLong)(lines, text, next, isShown);
  const drawn = tops.filter(isShown).flatMap((node) => draw(node));
  const width =
    canvas.columns === undefined || has('notrunc') || drawing === 'vt100' || canvas.columns <= 3
      ? undefined
      : canvas.columns - 3;
  return drawn.map((line) => `${truncated(line, width)}\n`).join('');
}

function nodeText(
  { info, dev }: GraphNode,
  has: (option: TreeOption) => boolean,
  numbered: boolean,
  { sysDir }: Canvas,
): string {
  const name = info?.name ?? '';
  const disk = has('blkdevname') ? blockDeviceName(dev, sysDir) : '';
  const attributes = info && [
    ...(has('active') ? [info.suspended ? 'SUSPENDED' : 'ACTIVE'] : []),
    ...(has('rw') ? [info.readOnly ? 'RO' : 'RW'] : []),
    ...(has('open') ? [`${info.openCount}`] : []),
    ...(has('uuid') ? [info.uuid ?? ''] : []),
  ];
  return [
    name,
    disk === '' ? '' : ` <${disk}>`,
    numbered ? ` (${formatDev(dev)})` : '',
    attributes && attributes.length > 0 ? ` [${attributes.join(', ')}]` : '',
  ].join('');
}

/** Draws a tree, and indents all lines but the first by `indent`. */
type Draw = (node: GraphNode, indent?: string) => readonly string[];
type Drawer = (
  lines: Lines,
  text: (node: GraphNode) => string,
  next: (node: GraphNode) => readonly GraphNode[],
  isShown: (node: GraphNode) => boolean,
) => Draw;

/** Draws one line per device. */
const drawLong: Drawer = (lines, text, next, isShown) => {
  const draw: Draw = (node, indent = '') => {
    const children = next(node).filter(isShown);
    return [
      text(node),
      ...children.flatMap((child, i) => {
        const isLast = i === children.length - 1;
        const [first, ...more] = draw(child, `${indent} ${isLast ? '  ' : lines.vertical}`);
        return [`${indent} ${isLast ? lines.last : lines.branch}${first}`, ...more];
      }),
    ];
  };
  return draw;
};

/** Draws the first device below another one on the same line, so that each leaf has one line. */
const drawCompact: Drawer = (lines, text, next, isShown) => {
  const draw: Draw = (node, indent = '') => {
    const own = text(node);
    const children = next(node).filter(isShown);
    const room = `${indent}${' '.repeat([...own].length + 1)}`;
    return children.length === 0
      ? [own]
      : children.flatMap((child, i) => {
          const isLast = i === children.length - 1;
          const [first, ...more] = draw(child, `${room}${isLast ? '  ' : lines.vertical}`);
          const start =
            i === 0
              ? `${own}${isLast ? lines.single : lines.first}`
              : `${room}${isLast ? lines.last : lines.branch}`;
          return [`${start}${first}`, ...more];
        });
  };
  return draw;
};

/** Truncates a line that is too long, and appends three dots. */
function truncated(line: string, width: number | undefined): string {
  const characters = [...line];
  if (width === undefined || characters.length <= width) return line;
  return `${characters.slice(0, width - 1).join('')}...`;
}
