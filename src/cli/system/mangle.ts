// dmts mangle

import { type Command, Option } from 'commander';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { DeviceEntry } from '../../dm/reply/device-info.ts';
import { InputError } from '../../dm/wire/errors.ts';
import { displayName, type Mangling, rightForm } from '../../dm/wire/names.ts';
import { fromKernel, toKernel } from '../../dm/wire/text.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { MANGLINGS } from '../support/dmsetup-options.ts';
import { CommandError, complain, ExitStatus, exitStatusOf } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { entryRecord, printJson } from '../support/json.ts';
import { manglingOf, withDeviceMapper } from '../support/session.ts';

interface Options extends JsonOption {
  readonly manglename?: Mangling;
}

/** Finds the devices that "dmts ls" shows by these names, or all: a call would not accept an unmangled name. */
function shownAs(
  devices: readonly DeviceEntry[],
  names: readonly string[],
  mangling: Mangling,
): readonly DeviceEntry[] {
  const shown = (one: DeviceEntry): string => displayName(one.mangledName, mangling);
  if (names.length === 0) return devices;
  const all = new Set(devices.map(shown));
  const missing = names.find((name) => !all.has(name));
  if (missing !== undefined) {
    const message = `no device named "${missing}"; "dmts ls" lists the names`;
    throw new CommandError(message, ExitStatus.noDevice);
  }
  const wanted = new Set(names);
  return devices.filter((one) => wanted.has(shown(one)));
}

/**
 * Renames a device whose name is not mangled correctly, and reports it. @throws InputError for a uuid, which cannot
 * change
 */
async function putRight(
  dm: DeviceMapper,
  { dev, mangledName, uuid }: DeviceEntry,
  mangling: Mangling,
  signal: AbortSignal,
): Promise<string> {
  const right = rightForm(mangledName, mangling);
  if (uuid !== undefined && rightForm(toKernel(uuid), mangling, 'uuid') !== toKernel(uuid)) {
    const expected = 'a mangled uuid, because a uuid cannot be changed';
    throw new InputError({ field: `uuid of ${fromKernel(mangledName)}`, expected, received: uuid });
  }
  if (right === mangledName) return '';
  await dm.rename({ dev }, fromKernel(right), { signal });
  return `${fromKernel(mangledName)}: renamed to ${fromKernel(right)}\n`;
}

/** `dmts mangle` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'mangle',
    details:
      'NAME is what "dmts ls" shows; without NAME the command checks every device. A correct name is kept. The command reports a device that it cannot rename, and continues with the next.',
    examples: ['dmts mangle', 'dmts mangle "my disk"', 'dmts mangle --manglename none'],
  })
    .argument('[name...]', 'devices')
    .addOption(
      new Option('--manglename <mode>', 'the form of names: mangled, or with "none" unmangled')
        .choices(MANGLINGS)
        .default(undefined, 'DM_DEFAULT_NAME_MANGLING_MODE, or auto'),
    )
    .action(async (names: readonly string[], { json, manglename }: Options) => {
      const shown = manglingOf(io);
      const failures: unknown[] = [];
      // Without mangling each name is sent unchanged.
      await withDeviceMapper(io, { threads: true, mangling: 'none' }, async (dm) => {
        for (const device of shownAs(await dm.list(), names, shown)) {
          try {
            const done = await putRight(dm, device, manglename ?? shown, io.signal);
            if (!json) io.stdout.write(done);
          } catch (error) {
            if (io.signal.aborted) throw error;
            complain(error, io);
            failures.push(error);
          }
        }
      });
      if (json) {
        await withDeviceMapper(io, { threads: false }, async (dm) => {
          printJson(io, (await dm.list()).map(entryRecord));
        });
      }
      const [first] = failures;
      if (first === undefined) return;
      throw new CommandError(
        '',
        first instanceof InputError ? ExitStatus.failed : exitStatusOf(first),
      );
    });
}
