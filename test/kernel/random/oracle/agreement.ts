// Loads one table with the library and with dmsetup, and compares the outcomes.

import { targetKinds } from '../../../../src/dm/targets/index.ts';
import {
  type DeviceMapper,
  InputError,
  parseTable,
  ReplyError,
  type TargetInput,
} from '../../../../src/index.ts';
import type { Case } from './cases.ts';
import { isSame, type Loading, loadOurs, loadTheirs, removeLeftover, told } from './load.ts';
import { formProblem } from './normal-form.ts';
import type { Place } from './place.ts';
import type { Kind } from './sample.ts';
import { isStrict, isStrictLine } from './strictness.ts';

/** The devices of a test, and its statistics. */
export interface Bench {
  readonly dm: DeviceMapper;
  readonly place: Place;
  readonly name: string;
  readonly count: (outcome: string) => void;
}

/** The error for text that cannot be parsed, or for a record that cannot be formatted. */
type Refusal = InputError | ReplyError;

const isRefusal = (value: unknown): value is Refusal =>
  value instanceof InputError || value instanceof ReplyError;

/** A line of the table as a typed target. */
interface TypedLine {
  readonly kind: Kind;
  /** Its record, or the parse error. */
  readonly record: object | Refusal;
}

/** The typed targets of a table's text; undefined for lines of a type that the library has no record for. */
function typedLines(targets: readonly TargetInput[]): readonly (TypedLine | undefined)[] {
  return targets.map(({ type, params }) => {
    const kind = targetKinds.get(type) as Kind | undefined;
    if (kind === undefined) return undefined;
    try {
      const record = kind.parseParams(String(params)) as object;
      // A record may parse and still not format.
      kind.formatParams(record as never);
      return { kind, record };
    } catch (error) {
      if (isRefusal(error)) return { kind, record: error };
      throw error;
    }
  });
}

/** The parsed targets, or undefined for text that is not a table. */
function targetsOf(text: string): readonly TargetInput[] | undefined {
  try {
    return parseTable(text);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** The table in the form for the library: as typed targets where they format to the same words. */
function asTyped(targets: readonly TargetInput[]): readonly TargetInput[] {
  return typedLines(targets).map((line, i) => {
    const target = targets[i]!;
    if (line === undefined || isRefusal(line.record)) return target;
    if (line.kind.formatParams(line.record as never) !== target.params) return target;
    const make = line.kind as unknown as (target: object) => TargetInput;
    return make({ start: target.start, length: target.length, ...line.record });
  });
}

/** The difference between the library, dmsetup and the kernel over this table; `undefined` if they agree. */
export async function disagreement(bench: Bench, table: Case): Promise<string | undefined> {
  const { dm, place, name, count } = bench;
  const text = `${place.inWords(table.lines.join('\n'))}\n`;
  const targets = targetsOf(text);
  const loading: Loading = {
    text,
    readOnly: table.readOnly,
    table: targets && asTyped(targets),
  };
  try {
    place.wipe();
    const ours = await loadOurs(dm, name, loading);
    place.wipe();
    const theirs = await loadTheirs(dm, name, loading);
    count(told(ours));
    const both = `dmsetup: ${describe(theirs)}\ndmts: ${describe(ours)}`;
    if (ours.kind === 'unsent' && text.split('\n').some(isStrictLine)) return undefined;
    if (!isSame(ours, theirs)) return both;
    if (theirs.kind !== 'accepted') return undefined;
    const found = acceptedProblem(place, table, theirs.table);
    return found === undefined ? undefined : `${found}\n${both}`;
  } finally {
    await removeLeftover(dm, name);
  }
}

const describe = (outcome: Awaited<ReturnType<typeof loadOurs>>): string =>
  outcome.kind === 'accepted'
    ? `accepted, ${outcome.table.trimEnd()}`
    : `${told(outcome)}: ${outcome.why}`;

/** What is wrong with a table that the kernel accepted, given the text that it prints. */
function acceptedProblem(place: Place, table: Case, printed: string): string | undefined {
  const sent = parseTable(place.inNumbers(table.lines.join('\n')));
  const kept = parseTable(printed);
  if (kept.length !== sent.length) return 'The number of targets differs';
  for (const [i, line] of typedLines(sent).entries()) {
    const { start, length, type, params } = kept[i]!;
    const same = start === sent[i]!.start && length === sent[i]!.length && type === sent[i]!.type;
    if (!same) return `Line ${i + 1} differs`;
    if (line === undefined) continue;
    const { kind, record } = line;
    if (isRefusal(record)) {
      if (isStrict(String(sent[i]!.params), record)) continue;
      return `The kernel accepts what the library rejects: ${record.message}`;
    }
    const sample = table.samples[i];
    const given = sample === undefined ? record : numbered(place, sample.params);
    const found = formProblem(kind, String(params), given);
    if (found !== undefined) return `Line ${i + 1}: ${found}`;
  }
  return undefined;
}

/** The record with its devices by number. */
function numbered<T>(place: Place, record: T): T {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return place.inNumbers(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, walk(part)]));
  };
  return walk(record) as T;
}
