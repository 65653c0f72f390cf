// One thing done twice: by dmsetup, and by us.

import fc from 'fast-check';
import type { DmCommand } from '../../src/dm/wire/commands.ts';
import type { Transport } from '../../src/dm/wire/transport.ts';
import { DeviceMapper, InputError, type Mangling } from '../../src/index.ts';
import { type Call, commandOf, pairOf } from './calls.ts';
import { hexdump } from './hexdump.ts';
import type { Invocation, Oracle } from './oracle.ts';
import { recorder } from './recorder.ts';

/** The same request in dmsetup's words and in ours. */
export interface Scenario extends Invocation {
  /** What is compared of what the two send: in this order, and as often as it comes. */
  readonly commands: readonly DmCommand[];
  readonly ours: (transport: Transport) => Promise<unknown>;
  /** Brings a call into the form in which it must be equal, where the two go different ways to the same end. */
  readonly align?: (call: Call) => Call;
  /** Both may refuse it instead, as long as both do. @default false */
  readonly mayRefuse?: boolean;
  /** Called before either of the two; what it gives is called after both. */
  readonly prepare?: () => () => void;
}

/** Do it with a `DeviceMapper`. */
export const withDm =
  (task: (dm: DeviceMapper) => Promise<unknown>, mangling: Mangling = 'auto'): Scenario['ours'] =>
  async (transport) =>
    task(await DeviceMapper.open({ transport, mangling }));

/** The scenario with a text of its own for fast-check's reports. */
export const readable = (scenario: Scenario): Scenario =>
  Object.assign({}, scenario, {
    [fc.toStringMethod]: () =>
      [
        ...Object.entries(scenario.env ?? {}).map(([name, value]) => `${name}=${value}`),
        'dmsetup',
        ...scenario.args.map((arg) => JSON.stringify(arg)),
        ...(scenario.input === undefined ? [] : [`<<< ${JSON.stringify(scenario.input)}`]),
      ].join(' '),
  });

/** What differs, to be read; `undefined` when nothing does. */
export async function difference(oracle: Oracle, scenario: Scenario): Promise<string | undefined> {
  const { commands, align = (call) => call, mayRefuse = false } = scenario;
  const chosen = (calls: readonly Call[]): readonly Call[] =>
    calls
      .filter((call) => commands.some((command) => command === commandOf(call)))
      .map((call) => align(call));

  const { transport, calls } = recorder();
  const cleanUp = scenario.prepare?.();
  const [refusal, dmsetup] = await Promise.all([
    refusalOf(scenario.ours(transport)),
    oracle.run(scenario),
  ]).finally(cleanUp);
  const theirs = chosen(dmsetup.calls);
  const ours = chosen(calls);

  const told = `\ndmsetup: status ${dmsetup.status}, ${dmsetup.stderr.slice(0, 300)}\ndmts: ${refusal?.message ?? 'done'}`;
  if (typeof dmsetup.status === 'string') return `dmsetup did not end by itself${told}`;
  const refused = refusal !== undefined && dmsetup.status !== 0 && theirs.length === 0;
  if (refused && ours.length === 0 && mayRefuse) return undefined;
  if (refusal !== undefined || dmsetup.status !== 0) return `Refused${told}`;
  if (theirs.length === 0) return `Nothing was sent that could be compared${told}`;
  const names = (side: readonly Call[]): string =>
    side.map((call) => commandOf(call)?.name).join(', ');
  if (names(theirs) !== names(ours)) {
    return `Other commands\nlibdevmapper: ${names(theirs)}\ndmts: ${names(ours)}`;
  }
  return theirs
    .map((call, i) => callDifference(call, ours[i]!))
    .find((found) => found !== undefined);
}

function callDifference(theirs: Call, ours: Call): string | undefined {
  const hex = (request: number): string => `0x${request.toString(16)}`;
  if (theirs.request !== ours.request) {
    return `libdevmapper: ioctl ${hex(theirs.request)}\ndmts: ioctl ${hex(ours.request)}`;
  }
  try {
    const pair = pairOf(theirs, ours);
    if (pair.dmts.equals(pair.libdevmapper) && pair.short === undefined) return undefined;
    return [...(pair.short ? [pair.short] : []), hexdump(commandOf(ours)!, pair)].join('\n');
  } catch (error) {
    return String(error);
  }
}

/** The refusal that a task ended with; any other error is thrown. */
async function refusalOf(task: Promise<unknown>): Promise<InputError | undefined> {
  try {
    await task;
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
