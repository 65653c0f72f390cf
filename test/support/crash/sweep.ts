// The kill sweep: a process that works on a storage is killed at every system call of an operation, at its entry and at its
// exit, or at random ones of all operations.

import type { Point } from './kill-at.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { callsOf, runPoint, type SweepContext } from './point.ts';

/** The numbers of a sweep. */
export class Tally {
  readonly title: string;
  /** Each with its point. */
  readonly violations: string[] = [];
  points = 0;
  notReached = 0;
  #moved = 0;

  constructor(title: string) {
    this.title = title;
  }

  /** Run a point and count its result. @returns whether the run reached it */
  async add(
    context: SweepContext,
    title: string,
    { side, number }: Point,
    expected?: string,
  ): Promise<boolean> {
    const { call, violation } = await runPoint(context, operationOf(title), { side, number });
    if (violation !== undefined) {
      const where = call?.text ?? 'which the run did not reach';
      this.violations.push(`${title}, ${side} of call ${number}, ${where}: ${violation}`);
    }
    if (call === undefined && expected === undefined) return false;
    this.points += 1;
    if (call === undefined) this.notReached += 1;
    else if (call.name !== expected) this.#moved += 1;
    return call !== undefined;
  }

  /** `create: 143 points, 0 violations` */
  toString(): string {
    const notes = [
      [this.notReached, 'not reached'],
      [this.#moved, 'at another call than in the list'],
    ] as const;
    return [
      `${this.title}: ${this.points} points`,
      `${this.violations.length} violations`,
      ...notes.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
    ].join(', ');
  }
}

/** The operation with a title. */
function operationOf(title: string): Operation {
  const operation = OPERATIONS[title];
  if (operation !== undefined) return operation;
  throw new Error(`invalid operation: expected one of ${Object.keys(OPERATIONS)}, got ${title}`);
}

/** A point of an operation, and the name of the call there. */
interface ListedPoint extends Point {
  readonly title: string;
  readonly name: string;
}

/** The entries of all calls of an operation, then their exits. A process has no exit from exit_group. */
async function pointsOf(context: SweepContext, title: string): Promise<readonly ListedPoint[]> {
  const calls = await callsOf(context, operationOf(title));
  return (['entry', 'exit'] as const).flatMap((side) =>
    calls
      .filter(({ name }) => side === 'entry' || name !== 'exit_group')
      .map(({ number, name }) => ({ title, side, number, name })),
  );
}

/** Kill at each point of an operation, and go on beyond the listed ones until a run ends by itself. */
export async function sweepAll(
  context: SweepContext,
  title: string,
  log: (line: string) => void,
): Promise<Tally> {
  const tally = new Tally(title);
  const points = await pointsOf(context, title);
  for (const point of points) await tally.add(context, title, point, point.name);
  let { number } = points.findLast(({ side }) => side === 'entry')!;
  while (await tally.add(context, title, { side: 'entry', number: ++number })) {
    log(`call ${number} is not in the list`);
  }
  return tally;
}

/** Kill at random points of random operations. */
export async function sweepSample(
  context: SweepContext,
  random: () => number,
  count: number,
): Promise<Tally> {
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const known = new Map<string, readonly ListedPoint[]>();
  const tally = new Tally('random operations');
  for (let done = 0; done < count; done++) {
    const title = oneOf(Object.keys(OPERATIONS));
    const points = known.get(title) ?? (await pointsOf(context, title));
    known.set(title, points);
    const point = oneOf(points);
    await tally.add(context, title, point, point.name);
  }
  return tally;
}
