// The dirty log of a mirror: the regions in which the legs may differ. Source: drivers/md/dm-log.c, dm-log-userspace.

import { isList, isObject } from '../../../ioctl/input/checks.ts';
import type { SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { choiceWord, plainWord } from '../words/checked-words.ts';
import { deviceWord, type Reported, type Words } from '../words/words.ts';
import { extraWords, groupWords, kept, powerOfTwoWord } from '../words/write-words.ts';

const SYNC = ['sync', 'nosync'] as const;

/** Parameters of a log in memory or on disk. */
export interface RegionLog {
  /** Sectors per bit of the log: a power of two, at least 2, at most the target's length. */
  readonly regionSize: SectorsInput;
  /** Treat the legs as different (`sync`) or equal (`nosync`). @default according to the log; different if it is new */
  readonly sync?: 'sync' | 'nosync';
  /** Unknown words. @default [] */
  readonly extra?: readonly string[];
}

/** The dirty log of a mirror. */
export type MirrorLog =
  /** In memory: each activation copies everything again. */
  | ({ readonly type: 'core' } & RegionLog)
  /** On a separate device. */
  | ({ readonly type: 'disk'; readonly device: string } & RegionLog)
  /** In a daemon in user space. */
  | {
      readonly type: 'userspace';
      readonly uuid: string;
      /** The daemon marks regions only at a flush. @default false */
      readonly integratedFlush?: boolean;
      /** For the daemon: the type of its log, and the words of that type. */
      readonly args: readonly string[];
    }
  /** A log of another kernel module. */
  | { readonly type: 'other'; readonly name: string; readonly args: readonly string[] };

/** Formats the log for a table: type, count, words. @throws InputError */
export function logWords(log: MirrorLog): readonly string[] {
  const at = 'mirror.log';
  isObject(log, at);
  if (log.type === 'userspace' || log.type === 'other') isList(log.args, `${at}.args`);
  switch (log.type) {
    case 'core':
      return ['core', ...groupWords(regionWords(log, at))];
    case 'disk':
      return [
        'disk',
        ...groupWords([deviceWord(log.device, `${at}.device`), ...regionWords(log, at)]),
      ];
    case 'userspace':
      return [
        'userspace',
        ...groupWords([
          plainWord(log.uuid, `${at}.uuid`),
          ...(log.integratedFlush ? ['integrated_flush'] : []),
          ...log.args.map((arg, i) => plainWord(arg, `${at}.args[${i}]`)),
        ]),
      ];
    case 'other':
      return [
        plainWord(log.name, `${at}.name`),
        ...groupWords(log.args.map((arg, i) => plainWord(arg, `${at}.args[${i}]`))),
      ];
    default: {
      const expected = '"core", "disk", "userspace" or "other"';
      throw new InputError({ field: `${at}.type`, expected, received: (log as MirrorLog).type });
    }
  }
}

const regionWords = (log: RegionLog, at: string): readonly string[] => [
  powerOfTwoWord(log.regionSize, `${at}.regionSize`, 2, 2 ** 31),
  ...(log.sync === undefined ? [] : [choiceWord(log.sync, `${at}.sync`, SYNC)]),
  ...extraWords(log.extra, `${at}.extra`),
];

/** Reads the log of a table. @throws ReplyError */
export function takeLog(words: Words): MirrorLog {
  const type = words.word('log type');
  const group = words.group('log');
  if (type === 'core') return { type, ...takeRegions(group) };
  if (type === 'disk') return { type, device: group.word('log device'), ...takeRegions(group) };
  if (type !== 'userspace') return { type: 'other', name: type, args: group.rest() };
  const uuid = group.word('log uuid');
  const integratedFlush = group.next === 'integrated_flush';
  if (integratedFlush) group.word('integrated_flush');
  return { type, uuid, ...(integratedFlush && { integratedFlush }), args: group.rest() };
}

function takeRegions(group: Words): RegionLog {
  const regionSize = group.u64('region size');
  const sync = SYNC.find((word) => word === group.next);
  if (sync !== undefined) group.word('sync');
  return { regionSize, ...(sync !== undefined && { sync }), ...kept(group.rest()) };
}

/** Status of a mirror's log. */
export type MirrorLogStatus =
  | { readonly type: 'core' }
  | {
      readonly type: 'disk';
      /** `major:minor` */
      readonly device: string;
      /** `A` alive, `F` a flush failed, `D` dead. An unknown letter of a newer kernel is kept. */
      readonly health: Reported<'A' | 'F' | 'D'>;
      /** Words that a newer kernel added. */
      readonly extra?: readonly string[];
    }
  | { readonly type: 'other'; readonly name: string; readonly words: readonly string[] };

/** Reads the log's part of a status. @throws ReplyError */
export function takeLogStatus(group: Words): MirrorLogStatus {
  const name = group.word('log type');
  if (name === 'core' && !group.more) return { type: name };
  if (name !== 'disk') return { type: 'other', name, words: group.rest() };
  return {
    type: name,
    device: group.word('log device'),
    health: group.word('log health'),
    ...kept(group.rest()),
  };
}
