// switch: maps regions of equal size to devices. Messages change the mapping.
// Source: Documentation/admin-guide/device-mapper/switch.rst, drivers/md/dm-switch.c.

import type { SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { type Messages, noStatus, type TargetKind, targetKind } from '../words/kind.ts';
import { placeWords } from '../words/words.ts';
import { boundedWord, extraWords, groupWords, kept, U32_MAX } from '../words/write-words.ts';
import { type RegionMapping, regionWords } from './switch-regions.ts';

/** One device of a switch. */
export interface SwitchPath {
  /** A path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Parameters of a switch target. Initially the regions map to the paths in turn. */
export interface SwitchParams {
  /** Size of a region in sectors: 1 to 4294967295. */
  readonly regionSize: SectorsInput;
  /** The paths, at least one. Messages number them from 0. */
  readonly paths: readonly SwitchPath[];
  /** Option words. The kernel supports none yet. @default [] */
  readonly extra?: readonly string[];
}

/** The messages of a switch target. */
export interface SwitchMessages extends Messages {
  /**
   * Changes the mapping of regions. `mapRegions` computes the mappings of a list of paths. The kernel applies the
   * mappings up to the first one with an unknown region or path, for which it returns EINVAL.
   */
  readonly setRegionMappings: (mappings: readonly RegionMapping[]) => string;
}

const switchMessages: SwitchMessages = {
  setRegionMappings: (mappings) => `set_region_mappings ${regionWords(mappings)}`,
};

/** Maps regions of equal size to devices. Messages change the mapping. Its status is empty. */
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
