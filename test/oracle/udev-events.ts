// What udev is told with a change: flags, and a cookie.

import fc from 'fast-check';
import { DeviceCommands } from '../../src/dm/device/device-commands.ts';
import { Lifecycle } from '../../src/dm/device/lifecycle.ts';
import { openUdev, type Udev, type UdevOptions } from '../../src/dm/udev/udev.ts';
import { Dm } from '../../src/dm/wire/commands.ts';
import { Control } from '../../src/dm/wire/control.ts';
import { createSemaphore, removeSemaphore } from '../../src/ioctl/kernel/semaphore.ts';
import { readable, type Scenario } from './scenario.ts';

const COOKIE_MAGIC = 0x0d4d;
const DEVICE = { name: 'd', label: 'd' };

type Change = (lifecycle: Lifecycle) => Promise<unknown>;

const CHANGES = {
  resume: { args: ['d'], command: Dm.DEV_SUSPEND, ours: (to) => to.resume(DEVICE, {}) },
  remove: { args: ['d'], command: Dm.DEV_REMOVE, ours: (to) => to.remove(DEVICE, {}) },
  rename: {
    args: ['d', 'e'],
    command: Dm.DEV_RENAME,
    ours: (to) => to.rename(DEVICE, { name: 'e', label: 'e' }, {}),
  },
} as const satisfies Record<string, { args: readonly string[]; command: unknown; ours: Change }>;

const anyVerb = fc.constantFrom('resume', 'remove', 'rename');

function scenario(
  verb: keyof typeof CHANGES,
  switches: readonly string[],
  udev: UdevOptions,
  open: (options: UdevOptions) => Udev = openUdev,
): Scenario {
  const { args, command, ours } = CHANGES[verb];
  return {
    args: [verb, ...switches, ...args],
    commands: [command],
    ours: (transport) => {
      const commands = new DeviceCommands(new Control(transport), {
        mangling: 'auto',
        devDir: '/dev',
      });
      return ours(new Lifecycle(commands, open(udev), undefined));
    },
  };
}

/** As in a process that has DM_DISABLE_UDEV. It is looked at once, when udev is opened. */
function openDisabled(options: UdevOptions): Udev {
  const before = process.env['DM_DISABLE_UDEV'];
  process.env['DM_DISABLE_UDEV'] = '1';
  try {
    return openUdev(options);
  } finally {
    if (before === undefined) delete process.env['DM_DISABLE_UDEV'];
    else process.env['DM_DISABLE_UDEV'] = before;
  }
}

/** What is compared, by name. */
export const UDEV_EVENTS: Readonly<Record<string, fc.Arbitrary<Scenario>>> = {
  'change without udev rules': anyVerb.map((verb) =>
    readable(
      scenario(verb, ['--noudevsync', '--noudevrules'], {
        sync: false,
        flags: ['disable-dm-rules', 'disable-subsystem-rules'],
      }),
    ),
  ),
  'change where udev is disabled': anyVerb.map((verb) =>
    readable({ ...scenario(verb, [], {}, openDisabled), env: { DM_DISABLE_UDEV: '1' } }),
  ),
  'change with a cookie': fc
    .tuple(anyVerb, fc.integer({ min: 1, max: 0xffff }))
    .map(([verb, base]) => {
      const cookie = (COOKIE_MAGIC << 16) | base;
      return readable({
        ...scenario(verb, ['--udevcookie', String(cookie)], { cookie }),
        env: { ORACLE_UDEV: '1' },
        prepare: () => {
          const id = createSemaphore(cookie, 1);
          if (id === undefined) throw new Error(`Somebody uses the cookie ${cookie}`);
          return () => removeSemaphore(id);
        },
      });
    }),
};
