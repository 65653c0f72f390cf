// The status of a vdo target. Source: …/device-mapper/vdo.rst.

import type { Blocks } from '../../text/units.ts';
import { type Reported, Words } from '../words/words.ts';

/** Status of a vdo volume. Unknown words of a newer kernel are kept. */
export interface VdoStatus {
  /** The storage device, by its kernel name. */
  readonly device: string;
  /** Read-only mode is permanent until vdoforcerebuild has processed the volume. */
  readonly operatingMode: Reported<'normal' | 'recovering' | 'read-only'>;
  /** Whether the volume is recovering from a crash. */
  readonly recovering: boolean;
  /** State of the deduplication index. */
  readonly indexState: Reported<
    'closed' | 'closing' | 'error' | 'offline' | 'online' | 'opening' | 'unknown'
  >;
  readonly compression: Reported<'online' | 'offline'>;
  /** Used blocks of 4096 bytes. */
  readonly usedBlocks: Blocks;
  /** All blocks of 4096 bytes. */
  readonly totalBlocks: Blocks;
  /** Words of a newer kernel that have no field. */
  readonly extra: readonly string[];
}

/** Parses a status text. @throws ReplyError naming the invalid word */
export function parseVdoStatus(text: string): VdoStatus {
  const words = new Words(text, 'vdo status');
  return {
    device: words.word('device'),
    operatingMode: words.word('operating mode'),
    recovering: words.flag('recovering', 'recovering', '-'),
    indexState: words.word('index state'),
    compression: words.word('compression'),
    usedBlocks: words.u64('used blocks'),
    totalBlocks: words.u64('total blocks'),
    extra: words.rest(),
  };
}
