// switch: regions of one size, each on a device that a message chooses.
// Source: Documentation/admin-guide/device-mapper/switch.rst, drivers/md/dm-switch.c.

import { InputError } from '../errors.ts';
import type { SectorsInput } from '../units.ts';
import { type Messages, noStatus, type TargetKind, targetKind } from './kind.ts';
import { type RegionMapping, regionWords } from './switch-regions.ts';
import { placeWords } from './words.ts';
import { boundedWord, extraWords, groupWords, kept, U32_MAX } from './write-words.ts';

/** One device of a switch. */
export interface SwitchPath {
  /** A path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Parameters of a switch target. At first its regions go to the paths in turn. */
export interface SwitchParams {
  /** Sectors of a region: 1 to 4294967295. */
  readonly regionSize: SectorsInput;
  /** At least one; messages count them from 0. */
  readonly paths: readonly SwitchPath[];
  /** Option words; no kernel takes any so far. @default [] */
  readonly extra?: readonly string[];
}

/** What a switch can be told. */
export interface SwitchMessages extends Messages {
  /**
   * Send regions elsewhere. `mapRegions` makes the mappings of a list of paths. The kernel carries out the
   * mappings up to one that it refuses with EINVAL: a region or a path that there is not.
   */
  readonly setRegionMappings: (mappings: readonly RegionMapping[]) => string;
}

const switchMessages: SwitchMessages = {
  setRegionMappings: (mappings) => `set_region_mappings ${regionWords(mappings)}`,
};

/** Regions of one size, each on a device that a message chooses. Its status is empty. */
export const switchTarget: TargetKind<SwitchParams, undefined, SwitchMessages> = targetKind<
  SwitchParams,
  undefined,
  SwitchMessages
>('switch', {
  formatParams: ({ regionSize, paths, extra }: SwitchParams) => {
    if (!Array.isArray(paths) || paths.length === 0) {
      throw new InputError({
        field: 'switch.paths',
        expected: 'at least one',
        received: paths?.length ?? paths,
      });
    }
    return [
      paths.length,
      boundedWord(regionSize, 'switch.regionSize', 1, U32_MAX),
      ...groupWords(extraWords(extra, 'switch.extra')),
      ...paths.map((path: SwitchPath, i) => placeWords(path, `switch.paths[${i}]`)),
    ].join(' ');
  },
  readParams: (words) => {
    const count = words.count('path count');
    const regionSize = words.u64('region size');
    const extra = words.group('option').rest();
    const paths: SwitchPath[] = [];
    while (paths.length < count) {
      paths.push({ device: words.word('device'), offset: words.u64('offset') });
    }
    return { regionSize, paths, ...kept(extra) };
  },
  parseStatus: noStatus,
  messages: switchMessages,
});
