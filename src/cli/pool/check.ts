// dmts pool check

import type { Command } from 'commander';
import { thinCheck } from '../../thin/tools/tools.ts';
import { withView } from '../pool-support/arguments.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { CommandError, ExitStatus, UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { METADATA_OPTION, type MetadataSource, SNAP_OPTION, withMetadata } from './metadata.ts';

interface Options extends JsonOption {
  readonly metadata?: string;
  readonly metadataSnap?: boolean;
  readonly skipMappings?: boolean;
}

function sourceOf(
  name: string | undefined,
  { metadata: path, metadataSnap = false }: Options,
): MetadataSource {
  if (name !== undefined && path !== undefined) {
    throw new UsageError('NAME and --metadata are mutually exclusive');
  }
  if (path !== undefined) return { path };
  if (name !== undefined) return { pool: name, metadataSnap };
  throw new UsageError('missing pool: give NAME, or --metadata of an inactive pool');
}

/** `dmts pool check` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'check',
    details:
      'The command checks the last commit of an active pool, or the metadata of an inactive pool on a block device or in a file. For an active pool it also prints devices that are suspended, that have an inactive table, or that serve a thin id that another device serves too. It repairs nothing. It writes only with --metadata-snap, which reserves a metadata snapshot in the pool. If it finds errors, it prints them on stderr, and the exit status is 1.',
    examples: ['dmts pool check tank', 'dmts pool check --metadata meta.img'],
  })
    .argument('[name]', 'name of an active pool')
    .option(...METADATA_OPTION)
    .option(...SNAP_OPTION)
    .option('--skip-mappings', 'skip the mappings, which take most of the time')
    .action(async (name: string | undefined, options: Options) => {
      const { metadata, skipMappings = false, json } = options;
      const source = sourceOf(name, options);
      const { ok, exitCode, text } = await withMetadata(io, source, ({ path, options: how }) =>
        thinCheck(path, { ...how, skipMappings }),
      );
      const problems =
        name === undefined ? [] : await withView(io, name, (view) => view.problems());
      const what = name ?? metadata!;
      if (json) printJson(io, { checked: what, ok, exitCode, text, problems });
      else {
        if (ok) io.stdout.write(`${what}: the metadata is in order\n`);
        for (const one of problems) {
          io.stdout.write(`${one.subject}: ${one.problem}\n  ${one.advice}\n`);
        }
      }
      if (!ok) {
        const said = json ? '' : `: ${text.trim()}`;
        throw new CommandError(`${what}: the metadata is not in order${said}`, ExitStatus.failed);
      }
      if (problems.length > 0) {
        const found = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
        throw new CommandError(`${what}: ${found}`, ExitStatus.failed);
      }
    });
}
