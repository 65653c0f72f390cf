// The words that say which thin device is meant.

import type { Command } from 'commander';
import { wholeNumber } from '../number.ts';

const ID_MAX = 2 ** 24 - 1;

/** The parser of a thin device's number. */
export const parseId: (text: string) => number = wholeNumber('ID', ID_MAX);

/** Add the arguments POOL and ID. */
export const withPoolAndId = (command: Command): Command =>
  command
    .argument('<pool>', 'name of the pool')
    .argument('<id>', 'number of the thin device', parseId);

/** What a thin device is called when it is active, unless somebody has said otherwise. */
export const usualName = (pool: string, id: number): string => `${pool}-${id}`;
