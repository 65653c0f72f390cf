// `--readahead` of `create` and `resume`.

import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { formatDev } from '../../dm/wire/device-number.ts';
import { readAheadOf } from '../select/info-text.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';

/** The read-ahead in sectors, exact or as a minimum. */
export interface ReadAhead {
  readonly sectors: number;
  readonly isMinimum: boolean;
}

/** The value of the option; `auto` equals no option. */
export interface ReadAheadOption {
  readonly readahead?: ReadAhead | 'auto';
}

const SECTORS_MAX = 0x7fff_ffff;

function parse(text: string): ReadAhead | 'auto' {
  if (text === 'auto') return 'auto';
  if (text === 'none') return { sectors: 0, isMinimum: false };
  const [, plus, digits] = /^(\+?)(\d+)$/.exec(text) ?? [];
  const sectors = Number(digits);
  if (sectors <= SECTORS_MAX) return { sectors, isMinimum: plus === '+' };
  throw new UsageError(
    `invalid --readahead: expected auto, none, SECTORS or +SECTORS, with SECTORS at most ${SECTORS_MAX}, got ${JSON.stringify(text)}`,
  );
}

/** Adds the option to a command. */
export const withReadAhead = (command: Command): Command =>
  command.addOption(
    new Option(
      '--readahead <sectors>',
      'read-ahead: SECTORS, +SECTORS (at least that many), none, or auto (the kernel chooses)',
    ).argParser(parse),
  );

/** Sets the read-ahead of a device with a table. @throws the error of `node:fs` */
export function setReadAhead(dev: bigint, { readahead }: ReadAheadOption, io: Io): void {
  if (readahead === undefined || readahead === 'auto') return;
  if (readahead.isMinimum && (readAheadOf(dev, io) ?? 0) >= readahead.sectors) return;
  const kilobytes = Math.floor((readahead.sectors + 1) / 2);
  const path = `${io.sysDir ?? '/sys'}/dev/block/${formatDev(dev)}/bdi/read_ahead_kb`;
  writeFileSync(path, `${kilobytes}\n`);
}
