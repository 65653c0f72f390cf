// The status of a vdo target. Source: …/device-mapper/vdo.rst.

import type { Blocks } from '../units.ts';
import { type Reported, Words } from './words.ts';

/** Status of a vdo volume. The words of a newer kernel are kept as they are. */
export interface VdoStatus {
  /** Where it is stored, as the kernel names it. */
  readonly device: string;
  /** Read-only is for good: vdoforcerebuild must see it before it can be written again. */
  readonly operatingMode: Reported<'normal' | 'recovering' | 'read-only'>;
  /** Whether it is recovering from a crash. */
  readonly recovering: boolean;
  /** The index by which duplicates are found. */
  readonly indexState: Reported<
    'closed' | 'closing' | 'error' | 'offline' | 'online' | 'opening' | 'unknown'
  >;
  readonly compression: Reported<'online' | 'offline'>;
  /** Blocks of 4096 bytes. */
  readonly usedBlocks: Blocks;
  /** Blocks of 4096 bytes. */
  readonly totalBlocks: Blocks;
  /** Words of a newer kernel that no other field can hold. */
  readonly extra: readonly string[];
}

/** The record of a status. @throws ReplyError naming the word that does not fit */
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
