// dmts mangle

import { type Command, Option } from 'commander';
import type { DeviceEntry } from '../dm/device-commands.ts';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import { InputError } from '../dm/errors.ts';
import { displayName, type Mangling, rightForm } from '../dm/names.ts';
import { fromKernel, toKernel } from '../dm/text.ts';
import { describe, type JsonOption } from './describe.ts';
import { MANGLINGS } from './dmsetup-options.ts';
import { CommandError, complain, ExitStatus, exitStatusOf } from './exit-status.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { entryRecord } from './records.ts';
import { manglingOf, withDeviceMapper } from './session.ts';

interface Options extends JsonOption {
  readonly manglename?: Mangling;
}

/** The devices that "dmts ls" shows so, or all: a name that must be mended is none that a call would take. */
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
    const message = `no device is shown as "${missing}"; "dmts ls" lists them`;
    throw new CommandError(message, ExitStatus.noDevice);
  }
  const wanted = new Set(names);
  return devices.filter((one) => wanted.has(shown(one)));
}

/** Rename a device whose name is not as it should be; gives what was done. @throws InputError for one that cannot be put right */
async function putRight(
  dm: DeviceMapper,
  { dev, mangledName, uuid }: DeviceEntry,
  mangling: Mangling,
  signal: AbortSignal,
): Promise<string> {
  const right = rightForm(mangledName, mangling);
  if (uuid !== undefined && rightForm(toKernel(uuid), mangling, 'uuid') !== toKernel(uuid)) {
    const expected = 'one in the form of the names, because a uuid can never be changed';
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
    summary: 'Rename devices whose names are not mangled as they should be',
    details:
      'NAME is what "dmts ls" shows; without it every device. What has the right name keeps it, and what cannot\n' +
      'be put right is told, and does not keep the others from it.',
    examples: ['dmts mangle', 'dmts mangle "my disk"', 'dmts mangle --manglename none'],
  })
    .argument('[name...]', 'devices')
    .addOption(
      new Option('--manglename <mode>', 'how names should be: mangled, or with "none" plain')
        .choices(MANGLINGS)
        .default(undefined, 'DM_DEFAULT_NAME_MANGLING_MODE, or auto'),
    )
    .action(async (names: readonly string[], { json, manglename }: Options) => {
      const shown = manglingOf(io);
      const failures: unknown[] = [];
      // Without mangling each name is sent as it is.
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
