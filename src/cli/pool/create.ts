// dmts pool create

import type { Command } from 'commander';
import type { Bytes, Sectors } from '../../dm/text/units.ts';
import { ThinPool } from '../../thin/pool/pool.ts';
import { CONFIRM, confirm, demandConfirmable } from '../support/confirm.ts';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { sizeInBytes, sizeInSectors } from '../support/numbers.ts';
import { withDeviceMapper } from '../support/session.ts';
import { foundRecord, foundText, look } from './create-dry-run.ts';
import {
  type ActivationOptions,
  activationOptions,
  printPool,
  withActivationOptions,
} from './options.ts';

/** The options of `dmts pool create`. */
interface Options extends ActivationOptions {
  readonly metadataSize?: Bytes;
  readonly dataSize?: Bytes;
  readonly blockSize?: Sectors;
  readonly overwrite?: boolean;
  readonly confirm?: string;
  readonly dryRun?: boolean;
}

/** `dmts pool create` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'create',
    details:
      'The command creates a missing file as a sparse file of the given size. Without --overwrite, it rejects a device or file that holds data. With --overwrite it asks for confirmation on a terminal, and requires --confirm elsewhere. The metadata takes about 64 bytes per data block: 1 MiB suffices for 1 GiB in blocks of 64 KiB.',
    examples: [
      'dmts pool create tank --metadata meta.img --metadata-size 16m --data data.img --data-size 10g',
      'dmts pool create tank --metadata /dev/sdb1 --data /dev/sdb2 --block-size 512k --feature skip_block_zeroing',
      'dmts pool create tank --metadata /dev/sdb1 --data /dev/sdb2 --overwrite --dry-run',
    ],
  }).argument('<name>', 'name of the pool');
  withActivationOptions(command)
    .option('--metadata-size <size>', 'size of the metadata file', sizeInBytes('--metadata-size'))
    .option('--data-size <size>', 'size of the data file', sizeInBytes('--data-size'))
    .option(
      '--block-size <size>',
      'size of a data block: 64k to 1g, a multiple of 64k; default: 64k',
      sizeInSectors('--block-size'),
    )
    .option('--overwrite', 'overwrite devices or files that hold data; the data is lost')
    .option(...CONFIRM)
    .option('-n, --dry-run', 'only print what would be created and lost')
    .action((name: string, options: Options) => create(io, name, options));
}

async function create(io: Io, name: string, options: Options): Promise<void> {
  const { metadata, data, metadataSize, dataSize, blockSize, overwrite = false } = options;
  const what = `this creates pool "${name}" on ${metadata} and ${data}, and destroys their data`;
  const question = { name, given: options.confirm, what, otherwise: 'nothing was created' };
  const places = [
    { role: 'metadata', path: metadata, size: metadataSize },
    { role: 'data', path: data, size: dataSize },
  ] as const;
  if (options.dryRun) {
    const found = await Promise.all(places.map((place) => look(place, io.signal)));
    const taken = await withDeviceMapper(io, { threads: false }, (dm) => dm.exists(name));
    if (options.json) printJson(io, { dryRun: true, name, taken, ...foundRecord(found) });
    else {
      const refusal = `device ${name} exists: the pool would not be created\n`;
      io.stdout.write(`${taken ? refusal : ''}${foundText(found, overwrite)}`);
    }
    return;
  }
  if (overwrite) demandConfirmable(io, question);
  await withDeviceMapper(io, { threads: true }, async (dm) => {
    if (overwrite) await confirm(io, question);
    await ThinPool.create(dm, name, {
      ...activationOptions(options, io),
      metadataSize,
      dataSize,
      blockSize,
      overwrite,
    });
    await printPool(io, options, dm, name);
  });
}
