// dmts storage repair

import type { Command } from 'commander';
import type { StorageReport } from '../../storage/index.ts';
import { parseId } from '../pool-support/arguments.ts';
import { formatStorageReport, summaryOf } from '../storage-support/findings.ts';
import { printNotices, withCheckable } from '../storage-support/with-storage.ts';
import {
  describeStorage,
  parseLayerId,
  placeOf,
  type StoragePlace,
} from '../storage-support/words.ts';
import { askYes } from '../support/confirm.ts';
import type { JsonOption } from '../support/describe.ts';
import { CommandError, ExitStatus, UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

interface Options extends JsonOption {
  readonly adopt?: Readonly<Record<string, number>>;
  readonly deleteThin?: readonly number[];
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

function addAdoption(
  word: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [thin = '', layer] = word.split('=', 2);
  if (layer === undefined) {
    throw new UsageError(`invalid --adopt: expected THIN=LAYER, got ${JSON.stringify(word)}`);
  }
  return { ...before, [parseLayerId(layer)]: parseId(thin) };
}

const addThin = (word: string, before: readonly number[] = []): readonly number[] => [
  ...before,
  parseId(word),
];

/** `dmts storage repair` */
export function define(group: Command, io: Io): void {
  describeStorage(group, {
    name: 'repair',
    details:
      'The command prints the report of "check". On a terminal it asks for confirmation, and elsewhere it requires --yes. It then repairs the storage and checks it again. It rolls back an interrupted change, resumes and removes devices, and deletes layers whose removal is pending. It deletes a thin device only if an interrupted change of this storage created it, or if --delete-thin names it. It exits with status 0 if all is in order afterwards. Every command that changes the storage makes these repairs, except those of --accept-pool, --adopt and --delete-thin.',
    examples: [
      'dmts storage --root /srv/layers repair --dry-run',
      'dmts storage --root /srv/layers repair --yes',
      'dmts storage --root /srv/layers repair --adopt 3=web --yes',
      'dmts storage --root /srv/layers repair --delete-thin 3 --yes',
    ],
  })
    .option(
      '--adopt <thin=layer>',
      'turn an unrecorded thin device into a layer; repeatable',
      addAdoption,
    )
    .option(
      '--delete-thin <thin>',
      'delete a thin device without a record, with its content; repeatable',
      addThin,
    )
    .option('-y, --yes', 'do not ask')
    .option('-n, --dry-run', 'only print the plan')
    .action(async (options: Options, self: Command) => {
      const place = placeOf(self);
      if (!options.yes && !options.dryRun && !io.isTTY) {
        throw new UsageError('a repair changes the storage; to confirm, add --yes');
      }
      const report = await planOf(io, place, options);
      if (options.dryRun) {
        if (options.json) printJson(io, { dryRun: true, ...report });
        return;
      }
      if (report.clean && decisionsOf(options).length === 0) {
        if (options.json) printJson(io, { dryRun: false, before: report, after: report });
        return;
      }
      await repair(io, place, options, report);
    });
}

/** Prints the differences and the decisions of the user. */
async function planOf(io: Io, place: StoragePlace, options: Options): Promise<StorageReport> {
  const { checkStorage } = await import('../../storage/index.ts');
  const report = await withCheckable(io, place, checkStorage);
  if (options.json) return report;
  const decisions = decisionsOf(options).map((line) => `decision: ${line}\n`);
  io.stdout.write(
    `${formatStorageReport(report)}${decisions.length > 0 ? '\n' : ''}${decisions.join('')}`,
  );
  return report;
}

const decisionsOf = ({ adopt = {}, deleteThin = [] }: Options): readonly string[] => [
  ...Object.entries(adopt).map(([layer, thin]) => `make thin device ${thin} layer "${layer}"`),
  ...deleteThin.map((thin) => `delete thin device ${thin} with its content`),
];

async function repair(
  io: Io,
  place: StoragePlace,
  options: Options,
  report: StorageReport,
): Promise<void> {
  refuseBlocked(report, place);
  const { adopt = {}, deleteThin: deleteThins = [] } = options;
  if (!options.yes) await askYes(io, 'This changes the storage.', 'nothing was changed');
  const { repairStorage } = await import('../../storage/index.ts');
  const done = await withCheckable(io, place, (open) =>
    repairStorage({ ...open, acceptPool: place.acceptPool, adopt, deleteThins }),
  );
  printNotices(io, done.notices);
  if (options.json) printJson(io, { dryRun: false, ...done });
  else io.stdout.write(`\n${formatStorageReport(done.after)}`);
  if (!done.after.clean) throw new CommandError(summaryOf(done.after), ExitStatus.failed);
}

/** Rejects a storage that cannot be opened before a person has acted. @throws CommandError */
function refuseBlocked({ root, findings }: StorageReport, { acceptPool }: StoragePlace): void {
  const blocking = findings.find(
    ({ code, blocks }) => blocks && !(acceptPool && code === 'transaction-mismatch'),
  );
  if (blocking === undefined) return;
  throw new CommandError(
    `cannot repair ${root}: ${blocking.subject}: ${blocking.problem}. ${blocking.advice}`,
    ExitStatus.failed,
  );
}
