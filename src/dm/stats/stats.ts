// I/O statistics of the device mapper: regions of a device, divided into areas of equal length.
// Source: Documentation/admin-guide/device-mapper/statistics.rst.

import {
  checkFields,
  type FieldChecks,
  isFlag,
  isList,
  isObject,
  isSignal,
  isText,
} from '../../ioctl/input/checks.ts';
import type { DeviceMapper } from '../device/device-mapper.ts';
import { checkDeviceMapper } from '../device/input.ts';
import { CALL } from '../device/option-checks.ts';
import type { CallOptions } from '../device/options.ts';
import { type SectorsInput, sectors } from '../text/units.ts';
import { type DeviceRef, refLabel } from '../wire/device-ref.ts';
import { expectation, InputError, ReplyError, reportedOf } from '../wire/errors.ts';
import { parseRegion, parseSample, type StatsRegion, type StatsSample } from './stats-text.ts';

/** The options of a new region. */
export interface StatsRegionOptions extends CallOptions {
  /** First sector and length in sectors. @default the whole device */
  readonly range?: { readonly start: SectorsInput; readonly length: SectorsInput };
  /** The length of an area in sectors, or the number of areas. @default one area */
  readonly areas?: { readonly length: SectorsInput } | { readonly count: number };
  /** Nanoseconds instead of milliseconds. @default false */
  readonly precise?: boolean;
  /** Upper bounds of the latency histogram, strictly ascending, in the unit of the times. @default none */
  readonly histogram?: readonly number[];
  /** The program that owns the region; other programs ignore it. One word. @default '-' */
  readonly program?: string;
  /** Auxiliary data of that program; one word. */
  readonly auxiliary?: string;
}

/** The options of reading a region. */
export interface StatsReadOptions extends CallOptions {
  /** The areas to read, counted from 0. @default all */
  readonly areas?: { readonly first: number; readonly count: number };
  /** Read the counters and reset them, except `inFlight`, in one step. @default false */
  readonly clear?: boolean;
}

const REGION: FieldChecks<StatsRegionOptions> = {
  range: isObject,
  areas: isObject,
  precise: isFlag,
  histogram: isList,
  program: isText,
  auxiliary: isText,
  signal: isSignal,
};

const LIST: FieldChecks<CallOptions & { readonly program?: string }> = {
  program: isText,
  signal: isSignal,
};

const READ: FieldChecks<StatsReadOptions> = {
  areas: isObject,
  clear: isFlag,
  signal: isSignal,
};

/** Creates a region and returns its id. */
export async function createStats(
  dm: DeviceMapper,
  ref: DeviceRef,
  options: StatsRegionOptions = {},
): Promise<number> {
  checkFields(options, REGION);
  const reply = await send(dm, ref, `@stats_create ${createWords(options)}`, options);
  const id = Number(reply);
  if (!/^\d+$/.test(reply)) {
    const device = refLabel(ref);
    throw new ReplyError(`@stats_create: ${expectation('a region id', reply)}`, { device });
  }
  return id;
}

/** Lists the regions of a device, or only those of `program`. */
export async function listStats(
  dm: DeviceMapper,
  ref: DeviceRef,
  options: CallOptions & { readonly program?: string } = {},
): Promise<readonly StatsRegion[]> {
  checkFields(options, LIST);
  const program = options.program === undefined ? '' : ` ${word(options.program, 'program')}`;
  const reply = await send(dm, ref, `@stats_list${program}`, options);
  return reportedOf(refLabel(ref), () => lines(reply).map(parseRegion));
}

/** Reads the counters of a region, one entry per area. @throws DmError ENOENT if the region does not exist */
export async function readStats(
  dm: DeviceMapper,
  ref: DeviceRef,
  region: number,
  options: StatsReadOptions = {},
): Promise<readonly StatsSample[]> {
  checkFields(options, READ);
  const verb = options.clear ? '@stats_print_clear' : '@stats_print';
  const areas = options.areas
    ? ` ${whole(options.areas.first, 'areas.first')} ${whole(options.areas.count, 'areas.count')}`
    : '';
  const reply = await send(dm, ref, `${verb} ${whole(region, 'region')}${areas}`, options);
  return reportedOf(refLabel(ref), () => lines(reply).map(parseSample));
}

/** Resets the counters of a region, except `inFlight`. */
export async function clearStats(
  dm: DeviceMapper,
  ref: DeviceRef,
  region: number,
  options: CallOptions = {},
): Promise<void> {
  checkFields(options, CALL);
  await send(dm, ref, `@stats_clear ${whole(region, 'region')}`, options);
}

/** Deletes a region. */
export async function deleteStats(
  dm: DeviceMapper,
  ref: DeviceRef,
  region: number,
  options: CallOptions = {},
): Promise<void> {
  checkFields(options, CALL);
  await send(dm, ref, `@stats_delete ${whole(region, 'region')}`, options);
}

/** Changes the auxiliary data of a region. */
export async function setStatsAuxiliary(
  dm: DeviceMapper,
  ref: DeviceRef,
  region: number,
  auxiliary: string,
  options: CallOptions = {},
): Promise<void> {
  checkFields(options, CALL);
  const text = `@stats_set_aux ${whole(region, 'region')} ${word(auxiliary, 'auxiliary')}`;
  await send(dm, ref, text, options);
}

async function send(
  dm: DeviceMapper,
  ref: DeviceRef,
  text: string,
  { signal }: CallOptions,
): Promise<string> {
  checkDeviceMapper(dm);
  return (await dm.message(ref, text, { core: true, signal })) ?? '';
}

const lines = (reply: string): readonly string[] => reply.split('\n').filter((line) => line !== '');

function createWords(options: StatsRegionOptions): string {
  const { range, areas, precise = false, histogram = [], program, auxiliary } = options;
  const features = [
    ...(precise ? ['precise_timestamps'] : []),
    ...(histogram.length > 0 ? [`histogram:${bounds(histogram)}`] : []),
  ];
  return [
    range ? `${sectors(range.start, 'range.start')}+${sectors(range.length, 'range.length')}` : '-',
    step(areas),
    // The feature count precedes every program name: the kernel would parse a numeric name as the count.
    ...(features.length > 0 || program !== undefined ? [String(features.length), ...features] : []),
    ...(program === undefined && auxiliary === undefined ? [] : [word(program ?? '-', 'program')]),
    ...(auxiliary === undefined ? [] : [word(auxiliary, 'auxiliary')]),
  ].join(' ');
}

function step(areas: StatsRegionOptions['areas']): string {
  if (areas === undefined) return '/1';
  return 'count' in areas
    ? `/${whole(areas.count, 'areas.count')}`
    : String(sectors(areas.length, 'areas.length'));
}

function bounds(histogram: readonly number[]): string {
  const ascending = histogram.every(
    (bound, i) => Number.isSafeInteger(bound) && bound > (histogram[i - 1] ?? 0),
  );
  if (!ascending) {
    throw new InputError({
      field: 'histogram',
      expected: 'integers of at least 1, strictly ascending',
      received: histogram,
    });
  }
  return histogram.join(',');
}

function whole(value: number, field: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InputError({ field, expected: 'a non-negative integer', received: value });
}

function word(text: string, field: string): string {
  if (typeof text === 'string' && /^[!-~]+$/.test(text)) return text;
  throw new InputError({
    field,
    expected: 'one word of printable ASCII characters',
    received: text,
  });
}
