// dmts create

import type { Command } from 'commander';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { parseConcise } from '../../dm/text/concise.ts';
import { parseMajor, parseMinor } from '../select/select.ts';
import { namingHoldersBelow } from '../support/busy.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { VerboseOption } from '../support/dmsetup-options.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { deviceRecord, printJson } from '../support/json.ts';
import {
  hasRights,
  type NodeRights,
  setRights,
  withNodeRights,
} from '../support/node-permissions.ts';
import { withDeviceMapper } from '../support/session.ts';
import { changeOne } from './change.ts';
import { type ReadAheadOption, setReadAhead, withReadAhead } from './read-ahead.ts';
import { readTable, readText } from './table-input.ts';

interface Options extends JsonOption, NodeRights, ReadAheadOption, VerboseOption {
  readonly table?: string;
  readonly uuid?: string;
  readonly minor?: number;
  readonly readonly?: boolean;
  readonly notable?: boolean;
  readonly concise?: boolean | string;
}

/** How long the command retries the removal of a new device after an error. udev may have the device open. */
const UNDO_MS = 5000;

/** `dmts create` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'create',
    details:
      'The table comes from --table, from FILE or from stdin: one target per line, START LENGTH TYPE PARAMS, in sectors of 512 bytes. If a step fails, the command removes the device again.',
    examples: [
      'dmts create vol --table "0 204800 linear /dev/sdb 0"',
      'dmts table vol | dmts create copy --readonly',
      'dmts create vol --notable --uuid my-uuid',
    ],
  })
    .argument('[name]', 'name of the new device')
    .argument('[file]', 'file with the table')
    .option('--table <table>', 'the table, as text')
    .option('-n, --notable', 'load no table')
    .option('-u, --uuid <uuid>', 'uuid of the new device')
    .option('-m, --minor <number>', 'minor number of the new device', parseMinor)
    .option(
      '-j, --major <number>',
      'no effect: the kernel uses one major number for all devices',
      parseMajor,
    )
    .option('-r, --readonly', 'make the device read-only')
    .option(
      '--concise [devices]',
      'create several devices: NAME,UUID,MINOR,FLAGS,TABLE[,TABLE]...[;NAME,...]',
    );
  withReadAhead(withNodeRights(command)).action(
    async (name: string | undefined, file: string | undefined, options: Options) => {
      if (options.concise !== undefined) return createConcise(io, options.concise, name, options);
      if (name === undefined) throw new UsageError('missing NAME of the new device');
      const { notable, table, uuid, minor, readonly: readOnly = false } = options;
      if (notable && (table !== undefined || file !== undefined)) {
        throw new UsageError('--notable and a table are mutually exclusive');
      }
      if (notable && (hasRights(options) || options.readahead !== undefined)) {
        throw new UsageError('--mode, --uid, --gid and --readahead need a table');
      }
      const targets = notable ? undefined : await readTable(io, { table, file });
      await changeOne(io, options, (dm) =>
        namingHoldersBelow(io, targets ?? [], async () => {
          const info = await dm.create(name, {
            readOnly,
            signal: io.signal,
            ...(targets && { table: targets }),
            ...(uuid !== undefined && { uuid }),
            ...(minor !== undefined && { minor }),
          });
          if (targets) await finish(dm, info, options, io);
          return info;
        }),
      );
    },
  );
}

/** Sets the permissions and the read-ahead of a new device. Removes the device if that fails. */
async function finish(dm: DeviceMapper, info: DeviceInfo, options: Options, io: Io): Promise<void> {
  try {
    setRights(info, options);
    setReadAhead(info.dev, options, io);
  } catch (error) {
    await dm.remove({ dev: info.dev }, { retryMs: UNDO_MS }).catch(() => undefined);
    throw error;
  }
}

/** Creates the devices that the option's value, the first word or stdin lists in the concise format: all or none. */
async function createConcise(
  io: Io,
  value: boolean | string,
  word: string | undefined,
  { json }: Options,
): Promise<void> {
  const text = typeof value === 'string' ? value : (word ?? (await readText(io, undefined)));
  const devices = parseConcise(text);
  if (devices.length === 0) throw new UsageError('expected at least one device');
  await withDeviceMapper(io, { threads: true }, async (dm) => {
    const made: DeviceInfo[] = [];
    try {
      for (const { name, ...options } of devices) {
        made.push(await dm.create(name, { ...options, signal: io.signal }));
      }
    } catch (error) {
      for (const { name } of made.toReversed()) await dm.remove(name, { retryMs: UNDO_MS });
      throw error;
    }
    if (json) printJson(io, made.map(deviceRecord));
  });
}
