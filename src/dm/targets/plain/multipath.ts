// multipath: several paths to one disk. Source: drivers/md/dm-mpath.c, drivers/md/dm-ps-*.c.

import { isList, isObject } from '../../../ioctl/input/checks.ts';
import { InputError } from '../../wire/errors.ts';
import { plainWord } from '../words/checked-words.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { type ExtraWords, flag, lowerCase, OptionSet, pair } from '../words/options.ts';
import { choice, integer } from '../words/word-codecs.ts';
import { countWord, deviceWord, type ReportedIn, type Words } from '../words/words.ts';
import { groupWords, U32_MAX } from '../words/write-words.ts';
import { type MultipathStatus, parseMultipathStatus } from './multipath-status.ts';

/** Optional parameters of a multipath target, in the kernel's order. */
export interface MultipathFeatures extends ExtraWords {
  /** Without a usable path, I/O waits instead of failing. @default false */
  readonly queueIfNoPath?: boolean;
  /** Number of attempts to initialize a group: 1 to 50. @default no limit */
  readonly pgInitRetries?: number;
  /** Milliseconds between two attempts: 0 to 60000. @default 2000 */
  readonly pgInitDelayMsecs?: number;
  /** Keep the attached hardware handler of the disk. Since Linux 7.x without effect and not reported. @default false */
  readonly retainAttachedHwHandler?: boolean;
  /** Whether the target handles bios or requests; `mq` is an alias of `rq` that is not reported. @default 'rq' */
  readonly queueMode?: 'bio' | 'rq' | 'mq';
}

/** One path to the disk. */
export interface MultipathPath {
  /** A path, or `major:minor`. */
  readonly device: string;
  /**
   * Words for the selector, the same number for each path of a group: `repeat_count` for round-robin, queue-length and
   * historical-service-time; `repeat_count` and the relative throughput for service-time; a CPU mask for io-affinity.
   * @default []
   */
  readonly args?: readonly string[];
}

/** A group of equivalent paths. */
export interface PathGroup {
  /** `'round-robin'`, `'queue-length'`, `'service-time'`, `'historical-service-time'`, `'io-affinity'` */
  readonly selector: string;
  /** Words for the selector itself. @default [] */
  readonly selectorArgs?: readonly string[];
  readonly paths: readonly MultipathPath[];
}

/** Parameters of a multipath target. */
export interface MultipathParams extends MultipathFeatures {
  /** `alua`, `emc`, `rdac` or `hp_sw`, with its words; the kernel reports the name only. @default none */
  readonly hardwareHandler?: { readonly name: string; readonly args?: readonly string[] };
  /** The first group to use, from 1. @default 1, or 0 without groups */
  readonly initialGroup?: number;
  /** The groups, in order of preference. */
  readonly groups: readonly PathGroup[];
}

/** Parameters of a multipath target, read from its table: a newer kernel may have other queue modes. */
export type ReportedMultipath = ReportedIn<MultipathParams, 'queueMode'>;

const features = new OptionSet<MultipathFeatures, ReportedMultipath>(
  'multipath',
  {
    queueIfNoPath: flag('queue_if_no_path'),
    pgInitRetries: pair('pg_init_retries', integer(1, 50)),
    pgInitDelayMsecs: pair('pg_init_delay_msecs', integer(0, 60_000)),
    retainAttachedHwHandler: flag('retain_attached_hw_handler'),
    queueMode: pair('queue_mode', choice('bio', 'rq', 'mq')),
  },
  lowerCase,
);

function argWords(args: readonly string[], field: string): readonly string[] {
  isList(args, field);
  return args.map((arg, i) => plainWord(arg, `${field}[${i}]`));
}

function groupText(group: PathGroup, i: number): string {
  const at = `multipath.groups[${i}]`;
  isObject(group, at);
  const { selector, selectorArgs = [], paths } = group;
  if (!Array.isArray(paths) || paths.length === 0) {
    throw new InputError({
      field: `${at}.paths`,
      expected: 'at least one',
      received: paths?.length,
    });
  }
  const count = paths[0]?.args?.length ?? 0;
  const pathWords = paths.flatMap((path: MultipathPath, n) => {
    const field = `${at}.paths[${n}]`;
    isObject(path, field);
    const { device, args = [] } = path;
    isList(args, `${field}.args`);
    if (args.length !== count) {
      const expected = `${count} words, like the first path of the group`;
      throw new InputError({ field: `${field}.args`, expected, received: args.length });
    }
    return [deviceWord(device, `${field}.device`), ...argWords(args, `${field}.args`)];
  });
  const words = argWords(selectorArgs, `${at}.selectorArgs`);
  return [
    plainWord(selector, `${at}.selector`),
    ...groupWords(words),
    ...[paths.length, count],
    ...pathWords,
  ].join(' ');
}

function takeGroup(words: Words): PathGroup {
  const selector = words.word('selector');
  const selectorArgs = words.group('selector argument').rest();
  const count = words.count('path count');
  const argCount = words.count('path argument count');
  const paths: MultipathPath[] = [];
  while (paths.length < count) {
    const device = words.word('path device');
    const args: string[] = [];
    while (args.length < argCount) args.push(words.word('path argument'));
    paths.push({ device, ...(args.length > 0 && { args }) });
  }
  return { selector, ...(selectorArgs.length > 0 && { selectorArgs }), paths };
}

function takeHandler(words: Words): Pick<MultipathParams, 'hardwareHandler'> {
  const [name, ...args] = words.group('hardware handler').rest();
  if (name === undefined) return {};
  return { hardwareHandler: { name, ...(args.length > 0 && { args }) } };
}

const groupNumber = (group: number): string => countWord(group, 'group', 1, U32_MAX);

/** The messages of a multipath target. They fail with EBUSY while the device is suspended. */
export interface MultipathMessages extends Messages {
  /** Without a usable path, I/O waits. */
  readonly queueIfNoPath: () => string;
  /** Without a usable path, I/O fails, also the I/O that waits. */
  readonly failIfNoPath: () => string;
  /** Excludes this group (from 1) while another one works. */
  readonly disableGroup: (group: number) => string;
  /** Uses this group again. */
  readonly enableGroup: (group: number) => string;
  /** Switches to this group. */
  readonly switchGroup: (group: number) => string;
  /** Marks a path as failed. */
  readonly failPath: (device: string) => string;
  /** Marks a path as working. */
  readonly reinstatePath: (device: string) => string;
}

/** Several paths to one disk. Must be the only target of its table. Needs the modules of its selectors. */
export const multipath: TargetKind<
  MultipathParams,
  MultipathStatus,
  MultipathMessages,
  ReportedMultipath
> = targetKind<MultipathParams, MultipathStatus, MultipathMessages, ReportedMultipath>(
  'multipath',
  {
    formatParams: (params: MultipathParams) => {
      const { hardwareHandler, groups } = params;
      if (!Array.isArray(groups)) {
        const expected = 'an array of groups';
        throw new InputError({ field: 'multipath.groups', expected, received: groups });
      }
      const { initialGroup = groups.length > 0 ? 1 : 0 } = params;
      if (hardwareHandler !== undefined) isObject(hardwareHandler, 'multipath.hardwareHandler');
      const handler = hardwareHandler && [
        plainWord(hardwareHandler.name, 'multipath.hardwareHandler.name'),
        ...argWords(hardwareHandler.args ?? [], 'multipath.hardwareHandler.args'),
      ];
      return [
        ...groupWords(features.format(params)),
        ...groupWords(handler ?? []),
        groups.length,
        countWord(
          initialGroup,
          'multipath.initialGroup',
          Math.min(1, groups.length),
          groups.length,
        ),
        ...groups.map(groupText),
      ].join(' ');
    },
    readParams: (words) => {
      const optional = features.parse(words.group('feature'));
      const handler = takeHandler(words);
      const count = words.count('group count');
      const initialGroup = words.count('initial group');
      const groups: PathGroup[] = [];
      while (groups.length < count) groups.push(takeGroup(words));
      return { ...optional, ...handler, initialGroup, groups };
    },
    parseStatus: parseMultipathStatus,
    messages: {
      queueIfNoPath: () => 'queue_if_no_path',
      failIfNoPath: () => 'fail_if_no_path',
      disableGroup: (group) => `disable_group ${groupNumber(group)}`,
      enableGroup: (group) => `enable_group ${groupNumber(group)}`,
      switchGroup: (group) => `switch_group ${groupNumber(group)}`,
      failPath: (device) => `fail_path ${deviceWord(device, 'device')}`,
      reinstatePath: (device) => `reinstate_path ${deviceWord(device, 'device')}`,
    },
  },
);
