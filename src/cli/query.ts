// Commands that ask: of the devices that are named, or of all there are.

import type { DeviceInfo } from '../dm/device-info.ts';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import type { DeviceRef } from '../dm/device-ref.ts';
import { isDmError } from '../dm/errors.ts';
import type { JsonOption } from './describe.ts';
import type { VerboseOption } from './dmsetup-options.ts';
import { infoText, readAheadOf } from './info-text.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { type DeviceOptions, selectDevices } from './select.ts';
import { type SelectOption, selectionOf } from './select-option.ts';
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
export interface QueryOptions extends DeviceOptions, JsonOption, SelectOption, VerboseOption {
  readonly inactive?: boolean;
}

/** Ask, and print the answers: JSON has an object for one device that was named, and otherwise an array. */
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

/** Each answer behind its device. */
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

/** A device that goes while we ask is none of those there are. */
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
