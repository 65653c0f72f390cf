// dmts pool deactivate

import type { Command } from 'commander';
import { ThinPool } from '../../thin/pool/pool.ts';
import { parseTimeout, viewOf } from '../pool-support/arguments.ts';
import { poolRecord, readPoolDetails } from '../pool-support/pool-details.ts';
import { CONFIRM, confirm, demandConfirmable } from '../support/confirm.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withDeviceMapper } from '../support/session.ts';

interface Options extends JsonOption {
  readonly timeout?: number;
  readonly confirm?: string;
  readonly dryRun?: boolean;
}

/** `dmts pool deactivate` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'deactivate',
    details:
      'A pool with active thin devices is busy (exit status 4). The command asks for confirmation on a terminal, and requires --confirm elsewhere.',
    examples: [
      'dmts pool deactivate tank',
      'dmts pool deactivate tank --confirm tank --timeout 10',
    ],
  })
    .argument('<name>', 'name of the pool')
    .option('--timeout <seconds>', 'if the pool is busy, retry for this long', parseTimeout)
    .option(...CONFIRM)
    .option('-n, --dry-run', 'only print what would be done')
    .action((name: string, options: Options) => deactivate(io, name, options));
}

async function deactivate(io: Io, name: string, options: Options): Promise<void> {
  const { json, timeout: timeoutMs = 0, dryRun = false } = options;
  const what = `this deactivates pool "${name}"`;
  const question = { name, given: options.confirm, what, otherwise: 'the pool is still active' };
  if (!dryRun) demandConfirmable(io, question);
  await withDeviceMapper(io, { threads: !dryRun }, async (dm) => {
    const details = await readPoolDetails(await viewOf(dm, name, io));
    if (!dryRun) {
      await confirm(io, question);
      await (await ThinPool.open(dm, name)).deactivate({ timeoutMs, signal: io.signal });
    } else if (!json) {
      const active = details.thins.map(({ info }) => info.name).join(', ');
      const busy = active && `; this would fail while these thin devices are active: ${active}`;
      io.stdout.write(`would deactivate pool ${name}${busy}\n`);
    }
    if (json) printJson(io, { dryRun, ...poolRecord(details) });
  });
}
