// linear: maps to a range of one device. Source: Documentation/admin-guide/device-mapper/linear.rst.

import type { SectorsInput } from '../../text/units.ts';
import { noStatus, type TargetKind, targetKind } from '../words/kind.ts';
import { deviceWord, sectorsWord } from '../words/words.ts';

/** Parameters of a linear target. */
export interface LinearParams {
  /** A path, or `major:minor` as the kernel reports it. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Maps to a range of one device. Its status is empty. */
export const linear: TargetKind<LinearParams, undefined> = targetKind<LinearParams, undefined>(
  'linear',
  {
    formatParams: ({ device, offset = 0n }: LinearParams) =>
      `${deviceWord(device, 'linear.device')} ${sectorsWord(offset, 'linear.offset')}`,
    readParams: (words) => ({ device: words.word('device'), offset: words.u64('offset') }),
    parseStatus: noStatus,
    messages: {},
  },
);
