// The status of a vdo target. Source: …/device-mapper/vdo.rst.

import type { Blocks } from '../units.ts';
import { Words } from './words.ts';

const MODES = ['normal', 'recovering', 'read-only'] as const;
const INDEX_STATES = [
  'closed',
  'closing',
  'error',
  'offline',
  'online',
  'opening',
  'unknown',
] as const;

/** Status of a vdo volume. */
export interface VdoStatus {
  /** Where it is stored, as the kernel names it. */
  readonly device: string;
  /** Read-only is for good: vdoforcerebuild must see it before it can be written again. */
  readonly operatingMode: (typeof MODES)[number];
  /** Whether it is recovering from a crash. */
  readonly recovering: boolean;
  /** The index by which duplicates are found. */
  readonly indexState: (typeof INDEX_STATES)[number];
  readonly compression: 'online' | 'offline';
  /** Blocks of 4096 bytes. */
  readonly usedBlocks: Blocks;
  /** Blocks of 4096 bytes. */
  readonly totalBlocks: Blocks;
}

/**
 * The record of a status: seven words, as libdevmapper has them, no more.
 * @throws InputError naming the word that does not fit
 */
export function parseVdoStatus(text: string): VdoStatus {
  const words = new Words(text, 'vdo status');
  const status = {
    device: words.word('device'),
    operatingMode: words.choice('operating mode', MODES),
    recovering: words.choice('recovering', ['recovering', '-']) === 'recovering',
    indexState: words.choice('index state', INDEX_STATES),
    compression: words.choice('compression', ['online', 'offline']),
    usedBlocks: words.u64('used blocks'),
    totalBlocks: words.u64('total blocks'),
  };
  words.end();
  return status;
}
