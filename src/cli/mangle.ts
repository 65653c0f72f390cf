// dmts mangle

import { type Command, Option } from 'commander';
import type { DeviceEntry } from '../dm/device-commands.ts';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import { displayName, type Mangling, rightName } from '../dm/names.ts';
import { describe, type JsonOption } from './describe.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { deviceRecord } from './records.ts';
import { MANGLINGS, manglingOf, withDeviceMapper } from './session.ts';

interface Options extends JsonOption {
  readonly manglename?: Mangling;
}

/** The devices that are shown so, or all; a name that must be mended is none that a call would take. */
async function shownAs(
  dm: DeviceMapper,
  names: readonly string[],
): Promise<readonly DeviceEntry[]> {
  const devices = await dm.list();
  if (names.length === 0) return devices;
  return names.map((name) => {
    const found = devices.find((device) => device.name === name);
    if (found) return found;
    const message = `no device is shown as "${name}"; "dmts ls" lists them`;
    throw new CommandError(message, ExitStatus.noDevice);
  });
}

/** `dmts mangle` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'mangle',
    summary: 'Rename devices whose names are not mangled as they should be',
    details:
      'NAME is what "dmts ls" shows; without it every device. What has the right name keeps it.',
    examples: ['dmts mangle', 'dmts mangle "my disk"', 'dmts mangle --manglename none'],
  })
    .argument('[name...]', 'devices')
    .addOption(
      new Option('--manglename <mode>', 'how names should be: mangled, or with "none" plain')
        .choices(MANGLINGS)
        .default(undefined, 'DM_DEFAULT_NAME_MANGLING_MODE, or auto'),
    )
    .action(async (names: readonly string[], { json, manglename }: Options) => {
      const mangling = manglename ?? manglingOf(io);
      const { signal } = io;
      await withDeviceMapper(io, { threads: true, mangling }, async (dm) => {
        const records: unknown[] = [];
        for (const { dev, name, mangledName } of await shownAs(dm, names)) {
          const right = rightName(mangledName, mangling);
          const to = displayName(right, mangling);
          const kept = right === mangledName;
          const info = await (kept ? dm.info({ dev }) : dm.rename({ dev }, to, { signal }));
          if (!kept && !json) io.stdout.write(`${name}: renamed to ${right}\n`);
          records.push(deviceRecord(info));
        }
        if (json) printJson(io, records);
      });
    });
}
