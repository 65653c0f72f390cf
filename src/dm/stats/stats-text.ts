// Parses the replies of @stats_list and @stats_print.

import type { Sectors } from '../text/units.ts';
import { expectation, ReplyError } from '../wire/errors.ts';

/** A region with statistics. */
export interface StatsRegion {
  readonly id: number;
  /** First sector and length in sectors. */
  readonly start: Sectors;
  readonly length: Sectors;
  /** Length of an area in sectors; the last one may be shorter. */
  readonly areaLength: Sectors;
  /** `'-'` if no program is named. */
  readonly program: string;
  /** The auxiliary text as the kernel prints it. The kernel does not quote it. */
  readonly auxiliary: string;
  readonly precise: boolean;
  readonly histogram: readonly bigint[];
}

/** The counters of one area. Times are in milliseconds, or in nanoseconds in a precise region. */
export interface StatsSample {
  readonly start: Sectors;
  /** The area length of the region. The kernel prints it for the last area too, although that may be shorter. */
  readonly areaLength: Sectors;
  readonly reads: bigint;
  readonly readsMerged: bigint;
  readonly sectorsRead: Sectors;
  readonly readTime: bigint;
  readonly writes: bigint;
  readonly writesMerged: bigint;
  readonly sectorsWritten: Sectors;
  readonly writeTime: bigint;
  readonly inFlight: bigint;
  readonly ioTime: bigint;
  readonly weightedIoTime: bigint;
  readonly readBusyTime: bigint;
  readonly writeBusyTime: bigint;
  /** The latency histogram: one count more than there are bounds. Empty without a histogram. */
  readonly histogram: readonly bigint[];
}

const refuse = (field: string, expected: string, received: string): never => {
  throw new ReplyError(`${field}: ${expectation(expected, received)}`);
};

/** One line of @stats_list. @throws ReplyError */
export function parseRegion(line: string): StatsRegion {
  const match = /^(\d+): (\d+)\+(\d+) (\d+) (\S+)(?: (.*))?$/.exec(line);
  if (!match) refuse('@stats_list', 'ID: START+LENGTH STEP PROGRAM AUX…', line);
  const [, id, start, length, areaLength, program, rest = ''] = match!;
  // Auxiliary text is not quoted, so the words after it are recognized from the right.
  const words = rest.split(' ').filter((word) => word !== '');
  const last = words.at(-1)?.startsWith('histogram:') ? words.pop()! : undefined;
  const precise = words.at(-1) === 'precise_timestamps';
  if (precise) words.pop();
  return {
    id: Number(id),
    start: BigInt(start!),
    length: BigInt(length!),
    areaLength: BigInt(areaLength!),
    program: program!,
    auxiliary: words.join(' '),
    precise,
    histogram: last === undefined ? [] : numbers(last.slice('histogram:'.length), ',', line),
  };
}

const COUNTERS = [
  'reads',
  'readsMerged',
  'sectorsRead',
  'readTime',
  'writes',
  'writesMerged',
  'sectorsWritten',
  'writeTime',
  'inFlight',
  'ioTime',
  'weightedIoTime',
  'readBusyTime',
  'writeBusyTime',
] as const;

/** One line of @stats_print. @throws ReplyError */
export function parseSample(line: string): StatsSample {
  const [range = '', ...words] = line.split(' ');
  const [start, areaLength] = numbers(range, '+', line);
  const values = words.slice(0, COUNTERS.length).map((word) => numbers(word, ' ', line)[0]!);
  if (values.length < COUNTERS.length || start === undefined || areaLength === undefined) {
    refuse('@stats_print', `START+LENGTH and ${COUNTERS.length} numbers`, line);
  }
  const counters = Object.fromEntries(COUNTERS.map((name, i) => [name, values[i]!])) as Record<
    (typeof COUNTERS)[number],
    bigint
  >;
  const histogram = words[COUNTERS.length];
  return {
    start: start!,
    areaLength: areaLength!,
    ...counters,
    histogram: histogram === undefined ? [] : numbers(histogram, ':', line),
  };
}

function numbers(text: string, separator: string, line: string): readonly bigint[] {
  return text
    .split(separator)
    .map((word) => (/^\d{1,20}$/.test(word) ? BigInt(word) : refuse('number', 'decimal', line)));
}
