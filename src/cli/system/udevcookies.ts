// dmts udevcookies

import type { Command } from 'commander';
import { listCookies } from '../../dm/udev/udev-cookies.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { formatReport } from '../support/report.ts';

const COLUMNS = [
  { name: 'cookie', heading: 'Cookie', width: 12 },
  { name: 'semid', heading: 'Semid', width: 10 },
  { name: 'value', heading: 'Value', width: 10 },
  { name: 'otime', heading: 'Last semop time', width: 24 },
  { name: 'ctime', heading: 'Last change time', width: 24 },
];

const when = (date: Date | undefined): string => date?.toISOString() ?? '-';

/** `dmts udevcookies` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'udevcookies',
    details:
      'A semaphore that stays in the list belongs to a dead process, or udev does not run. VALUE is the number of pending events plus one.',
    examples: ['dmts udevcookies', 'dmts udevcookies --json'],
  }).action(({ json }: JsonOption) => {
    const cookies = listCookies();
    if (json) return printJson(io, cookies);
    const rows = cookies.map(({ cookie, semaphoreId, value, lastOperation, lastChange }) => [
      `0x${cookie.toString(16)}`,
      String(semaphoreId),
      String(value),
      when(lastOperation),
      when(lastChange),
    ]);
    io.stdout.write(formatReport(COLUMNS, rows, {}));
  });
}
