// dmts storage check

import type { Command } from 'commander';
import { formatStorageReport, summaryOf } from '../storage-support/findings.ts';
import { printNotices, withCheckable } from '../storage-support/with-storage.ts';
import { describeQuery, placeOf } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import { CommandError, ExitStatus } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

/** `dmts storage check` */
export function define(group: Command, io: Io): void {
  describeQuery(group, {
    name: 'check',
    details:
      'The command writes nothing. It reads the records, the metadata of the pool (with thin_check, if that is installed), the filesystem of the base device, and the devices of the kernel. It exits with status 0 if all is in order, and with 1 if anything differs. No other process may have the directory open.',
    examples: [
      'dmts storage --root /srv/layers check',
      'dmts storage --root /srv/layers check --json | jq -r ".findings[].code"',
    ],
  }).action(async ({ json }: JsonOption, self: Command) => {
    const { checkStorage } = await import('../../storage/index.ts');
    const report = await withCheckable(io, placeOf(self), checkStorage);
    printNotices(io, report.notices);
    if (json) printJson(io, report);
    else io.stdout.write(formatStorageReport(report));
    if (!report.clean) throw new CommandError(summaryOf(report), ExitStatus.failed);
  });
}
