// Commands that ask: of the devices that are named, or of all there are.

import type { DeviceMapper } from '../dm/device-mapper.ts';
import type { DeviceRef } from '../dm/device-ref.ts';
import { isDmError } from '../dm/errors.ts';
import type { JsonOption } from './describe.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { type DeviceOptions, selectDevices } from './select.ts';
import { withDeviceMapper } from './session.ts';

/** What to ask of each device, and how to show the answers. */
export interface Query<T> {
  readonly ask: (dm: DeviceMapper, ref: DeviceRef) => Promise<T>;
  /** All answers in one text, in place of one after the other. */
  readonly whole?: (answers: readonly T[]) => string;
  /** The lines of one answer; where `several` devices are shown they say of which. */
  readonly text: (answer: T, several: boolean) => string;
  readonly record: (answer: T) => unknown;
}

/** The options of every query. */
export interface QueryOptions extends DeviceOptions, JsonOption {
  readonly inactive?: boolean;
}

/** Ask, and print the answers: JSON has an object for one device that was named, and otherwise an array. */
export async function runQuery<T>(
  io: Io,
  names: readonly string[],
  options: QueryOptions,
  { ask, text, record, whole }: Query<T>,
): Promise<void> {
  const refs = selectDevices(names, options);
  const several = refs.length !== 1;
  const answers = await withDeviceMapper(io, { threads: false }, (dm) =>
    refs.length === 0 ? askAll(dm, ask) : askEach(refs, (ref) => ask(dm, ref)),
  );
  if (options.json) printJson(io, several ? answers.map(record) : record(answers[0]!));
  else if (answers.length === 0) io.stdout.write('No devices found\n');
  else if (whole) io.stdout.write(whole(answers));
  else io.stdout.write(answers.map((answer) => text(answer, several)).join(''));
}

async function askEach<T>(
  refs: readonly DeviceRef[],
  ask: (ref: DeviceRef) => Promise<T>,
): Promise<readonly T[]> {
  const answers: T[] = [];
  for (const ref of refs) answers.push(await ask(ref));
  return answers;
}

/** A device that goes while we ask is none of those there are. */
async function askAll<T>(dm: DeviceMapper, ask: Query<T>['ask']): Promise<readonly T[]> {
  const answers: T[] = [];
  for (const { dev } of await dm.list()) {
    try {
      answers.push(await ask(dm, { dev }));
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
    }
  }
  return answers;
}
