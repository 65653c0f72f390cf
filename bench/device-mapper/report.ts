// The section of the page about the calls of the device mapper.

import { count, markdownTable, time } from '../markdown.ts';
import { median, quantile, ratioOf } from '../statistics.ts';
import type { PeerName } from './operations.ts';
import type { DeviceMapperResults, OperationFigures, PeerFigures } from './results.ts';

/** The columns, and what they are called. */
const COLUMNS: readonly (readonly [PeerName, string])[] = [
  ['raw', 'C'],
  ['libdevmapper', 'libdevmapper'],
  ['inline', 'dmts, `threads: false`'],
  ['threads', 'dmts'],
  ['pool', '`ThinPool`'],
  ['dmsetup', 'dmsetup'],
  ['dmts command', '`dmts`'],
];

const peerOf = ({ peers }: OperationFigures, name: PeerName): PeerFigures | undefined =>
  peers.find(({ peer }) => peer === name);

/** The ratio of two peers of an operation; `undefined` if one does not do it. */
export function ratio(
  operation: OperationFigures,
  peer: PeerName,
  to: PeerName,
): number | undefined {
  const [mine, theirs] = [peerOf(operation, peer), peerOf(operation, to)];
  return mine && theirs && ratioOf(mine.rounds, theirs.rounds);
}

function ratioRow(operation: OperationFigures): readonly string[] {
  const cell = ([name]: (typeof COLUMNS)[number]): string => {
    const figures = peerOf(operation, name);
    if (figures === undefined) return '–';
    return name === 'raw'
      ? time(median(figures.rounds))
      : count(ratioOf(figures.rounds, peerOf(operation, 'raw')!.rounds));
  };
  return [operation.title, ...COLUMNS.map(cell)];
}

function timeRow(operation: OperationFigures): readonly string[] {
  const cell = ([name]: (typeof COLUMNS)[number]): string => {
    const rounds = peerOf(operation, name)?.rounds;
    if (rounds === undefined) return '–';
    return `${time(median(rounds))} (${time(quantile(rounds, 0.25))} to ${time(quantile(rounds, 0.75))})`;
  };
  return [operation.title, ...COLUMNS.map(cell)];
}

function callRow(operation: OperationFigures): readonly string[] {
  const cell = ([name]: (typeof COLUMNS)[number]): string => {
    const figures = peerOf(operation, name);
    return figures === undefined ? '–' : `${count(figures.ioctls)} / ${figures.calls}`;
  };
  return [operation.title, ...COLUMNS.map(cell)];
}

const TITLES = new Map(COLUMNS);

/** One row for each goal that was measured. */
function goalRows(operations: readonly OperationFigures[]): readonly (readonly string[])[] {
  return operations.flatMap((operation) =>
    operation.goals.flatMap((goal) => {
      const reached = ratio(operation, goal.peer, goal.to);
      if (reached === undefined) return [];
      return [
        [
          operation.title,
          `${TITLES.get(goal.peer)!} to ${TITLES.get(goal.to)!}`,
          `at most ${goal.ratio}`,
          count(reached),
          reached <= goal.ratio ? 'yes' : 'no',
        ],
      ];
    }),
  );
}

/** The section as Markdown. */
export function deviceMapperSection(results: DeviceMapperResults): string {
  const titles = COLUMNS.map(([, title]) => title);
  const { kernel, node, libdevmapper, quick, operations, steps } = results;
  const rounds = operations[0]?.peers[0]?.rounds.length ?? 0;
  return `## Calls of the device mapper

Linux ${kernel} as a user-mode guest, Node ${node}, libdevmapper ${libdevmapper}; medians of ${rounds} rounds${quick ? ' (`--quick`)' : ''}. The peers:

- **C** issues the same ioctls and nothing else. It is the limit, and leaves out the nodes below \`/dev/mapper\`.
- **libdevmapper** is a C program on that library, which creates and removes nodes like dmts.
- **dmts** is the library with its defaults, \`threads: false\`, or the methods of \`ThinPool\`, which also check the pool before and after a change.
- **dmsetup** and **\`dmts\`** are commands: each operation starts a process, and "suspend and resume" starts two.

The time of C, and the ratio of each peer to C:

${markdownTable(['operation', ...titles], operations.map(ratioRow))}

The goals:

${markdownTable(['operation', 'ratio', 'goal', 'measured', 'reached'], goalRows(operations))}

ioctls on the control node, and all system calls, of one operation. The ioctls do not depend on the machine:

${markdownTable(['operation', ...titles], operations.map(callRow))}

Where the time of a call of the library goes:

${markdownTable(
  ['step', 'time', 'system calls'],
  steps.map(({ title, rounds: times, calls }) => [title, time(median(times)), String(calls)]),
)}

The medians, with the first and the third quartile of the rounds:

${markdownTable(['operation', ...titles], operations.map(timeRow))}
`;
}
