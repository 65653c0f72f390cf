// The arguments that select a thin device.

import type { Command } from 'commander';
import { wholeNumber } from '../support/number.ts';

const ID_MAX = 2 ** 24 - 1;

/** Parses a thin id. */
export const parseId: (text: string) => number = wholeNumber('ID', ID_MAX);

/** Adds the arguments POOL and ID. */
export const withPoolAndId = (command: Command): Command =>
  command
    .argument('<pool>', 'name of the pool')
    .argument('<id>', 'number of the thin device', parseId);

/** The default name of an active thin device. */
export const usualName = (pool: string, id: number): string => `${pool}-${id}`;
