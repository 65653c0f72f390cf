// Commands that query the named devices, or all devices.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { DeviceRef } from '../../dm/wire/device-ref.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { infoText, readAheadOf } from '../select/info-text.ts';
import { type DeviceOptions, selectDevices } from '../select/select.ts';
import { type SelectOption, selectionOf } from '../select/select-option.ts';
import type { JsonOption } from '../support/describe.ts';
import type { VerboseOption } from '../support/dmsetup-options.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withDeviceMapper } from '../support/session.ts';

/** How to query a device, and how to print the answers. */
export interface Query<T> {
  readonly ask: (dm: DeviceMapper, ref: DeviceRef) => Promise<T>;
  /** Formats all answers as one text, instead of one by one. */
  readonly whole?: (answers: readonly T[]) => string;
  /** The lines of one answer. With `several` devices each line names its device. */
  readonly text: (answer: T, several: boolean) => string;
  readonly record: (answer: T) => unknown;
}

/** The options of every query. */
export interface QueryOptions extends DeviceOptions, JsonOption, SelectOption, VerboseOption {
  readonly inactive?: boolean;
}

/** Runs the query and prints the answers. JSON is an object for one named device, else an array. */
export async function runQuery<T extends { readonly info: DeviceInfo }>(
  io: Io,
  names: readonly string[],
  options: QueryOptions,
  { ask, text, record, whole }: Query<T>,
): Promise<void> {
  const refs = selectDevices(names, options);
  const isSelected = selectionOf(options, io);
  const several = refs.length !== 1 || isSelected !== undefined;
  let any = false;
  const answers = await withDeviceMapper(io, { threads: false }, async (dm) => {
    if (refs.length > 0 && isSelected === undefined) return askEach(refs, (ref) => ask(dm, ref));
    const all = refs.length > 0 ? refs : (await dm.list()).map(({ dev }) => ({ dev }));
    any = all.length > 0;
    return askThose(all, async (ref) => {
      if (isSelected && !isSelected(await dm.info(ref))) return undefined;
      return ask(dm, ref);
    });
  });
  if (options.json) return printJson(io, several ? answers.map(record) : record(answers[0]!));
  if (answers.length === 0) io.stdout.write(isSelected && any ? '' : 'No devices found\n');
  else if (whole) io.stdout.write(whole(answers));
  else if (options.verbose) {
    io.stdout.write(answers.map((one) => verboseText(io, one, text, several)).join(''));
  } else io.stdout.write(answers.map((answer) => text(answer, several)).join(''));
}

/** Prints each device before its answer. */
function verboseText<T extends { readonly info: DeviceInfo }>(
  io: Io,
  answer: T,
  text: Query<T>['text'],
  several: boolean,
): string {
  const lines = text(answer, false);
  if (lines === '') return '';
  const device = infoText(answer.info, readAheadOf(answer.info.dev, io));
  return `${device}${lines}${several ? '\n' : ''}`;
}

async function askEach<T>(
  refs: readonly DeviceRef[],
  ask: (ref: DeviceRef) => Promise<T>,
): Promise<readonly T[]> {
  const answers: T[] = [];
  for (const ref of refs) answers.push(await ask(ref));
  return answers;
}

/** Queries the devices. Skips a device that is removed during the query. */
async function askThose<T>(
  refs: readonly DeviceRef[],
  ask: (ref: DeviceRef) => Promise<T | undefined>,
): Promise<readonly T[]> {
  const answers: T[] = [];
  for (const ref of refs) {
    try {
      const answer = await ask(ref);
      if (answer !== undefined) answers.push(answer);
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
    }
  }
  return answers;
}
