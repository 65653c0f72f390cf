// Waits for udev with libdevmapper's cookies. A semaphore is incremented before each ioctl that emits a uevent. The
// event carries the key of the semaphore, and udev's last rule decrements it. The semaphore is polled, because udev may
// have stopped: the call then ends at its timeout. Source: libdm's dm_udev_create_cookie and dm_udev_wait.

import { existsSync } from 'node:fs';
import { withCleanup } from '../../ioctl/input/attempt.ts';
import {
  checkedLater,
  checkFields,
  type FieldChecks,
  isDuration,
  isFlag,
  isListOf,
  isOneOf,
} from '../../ioctl/input/checks.ts';
import { pause } from '../../ioctl/input/pause.ts';
import {
  addToSemaphore,
  createSemaphore,
  openSemaphore,
  removeSemaphore,
  semaphoreValue,
} from '../../ioctl/kernel/semaphore.ts';
import { type ErrnoCode, isErrno } from '../../ioctl/libc/errno.ts';
import type { DeviceInfo } from '../reply/device-info.ts';
import { InputError, UdevTimeoutError } from '../wire/errors.ts';
import { DmFlag } from '../wire/flags.ts';
import { udevSeesCookies } from './udev-reach.ts';

/** The upper half of a cookie, which identifies its semaphore. In the uevent the upper half carries flags instead. */
export const COOKIE_MAGIC = 0x0d4d;
/** The value of the semaphore without pending events. */
const IDLE = 1;
const POLL_MS = 5;
const UDEV_CONTROL = '/run/udev/control';

const FLAG_BITS = {
  'disable-dm-rules': 0x01,
  'disable-subsystem-rules': 0x02,
  'disable-disk-rules': 0x04,
  'disable-other-rules': 0x08,
  'low-priority': 0x10,
} as const;
/** The uevent is a genuine change, not one triggered by hand. */
const PRIMARY_SOURCE = 0x40;

/** The actions that udev's rules skip for the devices of this object. */
export type UdevFlag = keyof typeof FLAG_BITS;

/** The udev options. */
export interface UdevOptions {
  /**
   * Wait until udev has processed each change. `'auto'`: if udevd runs and can see this process's semaphores (not
   * from a private IPC namespace), unless the environment has `DM_DISABLE_UDEV`. @default 'auto'
   */
  readonly sync?: boolean | 'auto';
  /** How long to wait for udev, in milliseconds. @default 30000 */
  readonly timeoutMs?: number;
  /** The actions to skip. `DM_DISABLE_UDEV` in the environment adds the first two. @default [] */
  readonly flags?: readonly UdevFlag[];
  /** A cookie of another process (`dmsetup udevcreatecookie`): it counts the events, and its creator waits. */
  readonly cookie?: number | undefined;
}

const isUdevFlag = isOneOf(
  'disable-dm-rules',
  'disable-subsystem-rules',
  'disable-disk-rules',
  'disable-other-rules',
  'low-priority',
);

/** The checks of the udev options. */
export const UDEV: FieldChecks<UdevOptions> = {
  sync: (value, field) => {
    if (value !== 'auto') isFlag(value, field);
  },
  timeoutMs: isDuration,
  flags: isListOf(isUdevFlag),
  cookie: checkedLater,
};

/** Runs changes and waits until udev has processed them. */
export interface Udev {
  /**
   * Runs `change` with the event number to send, then `then` with its result, then waits for udev.
   * @throws UdevTimeoutError if udev does not finish in time; the change itself is done
   */
  readonly synchronised: (
    device: string,
    signal: AbortSignal | undefined,
    change: (eventNr: number) => Promise<DeviceInfo>,
    then: (info: DeviceInfo) => void,
  ) => Promise<DeviceInfo>;
}

/** libdevmapper's switch: do not wait for udev, and make its rules ignore the changes. */
const udevDisabled = (): boolean => process.env['DM_DISABLE_UDEV'] !== undefined;
const DISABLED = ['disable-dm-rules', 'disable-subsystem-rules'] as const;

/** Whether udevd runs and a wait for it can end. */
const canWaitForUdev = (): boolean =>
  !udevDisabled() && existsSync(UDEV_CONTROL) && udevSeesCookies();

/** Creates a `Udev` with these options. @throws InputError for an invalid option or cookie */
export function openUdev(options: UdevOptions = {}): Udev {
  checkFields(options, UDEV, [], 'udev');
  const { sync = 'auto', timeoutMs = 30_000, flags = [], cookie } = options;
  const all = udevDisabled() ? [...flags, ...DISABLED] : flags;
  const high = all.reduce((bits, flag) => bits | FLAG_BITS[flag], PRIMARY_SOURCE) << 16;
  if (cookie !== undefined) checkCookie(cookie);
  const cookieOf = (): Cookie | undefined => {
    if (cookie !== undefined) return { key: cookie, id: openSemaphore(cookie), ours: false };
    return (sync === 'auto' ? canWaitForUdev() : sync) ? newCookie(sync === 'auto') : undefined;
  };
  return {
    synchronised: async (device, signal, change, then) => {
      const cookie = cookieOf();
      const run = async (): Promise<DeviceInfo> => {
        const eventNr = (high | ((cookie?.key ?? 0) & 0xffff)) >>> 0;
        const info = await (cookie ? counted(cookie.id, () => change(eventNr)) : change(eventNr));
        then(info);
        if (cookie?.ours) await waitForUdev(cookie.id, device, timeoutMs, signal);
        return info;
      };
      return withCleanup(run, async () => {
        if (cookie?.ours) removeSemaphore(cookie.id);
      });
    },
  };
}

interface Cookie {
  readonly key: number;
  /** The semaphore. */
  readonly id: number;
  /** Whether this process created it, and so waits on it and removes it. */
  readonly ours: boolean;
}

function checkCookie(cookie: number): void {
  if (cookie >>> 16 === COOKIE_MAGIC && (cookie & 0xffff) !== 0) return;
  throw new InputError({
    field: 'udev.cookie',
    expected: `a cookie that begins with 0x${COOKIE_MAGIC.toString(16)}`,
    received: cookie,
  });
}

/** If no semaphore is available, the change does not wait for udev: a device must not stay suspended. */
const NO_SEMAPHORES: readonly ErrnoCode[] = ['ENOSPC', 'ENOSYS', 'ENOMEM'];

/** The number of a cookie need not be secret, and `node:crypto` takes long to load. */
function newCookie(optional: boolean): Cookie | undefined {
  try {
    for (;;) {
      const key = (COOKIE_MAGIC << 16) | (1 + Math.floor(Math.random() * 0xffff));
      const id = createSemaphore(key, IDLE);
      if (id !== undefined) return { key, id, ours: true };
    }
  } catch (error) {
    if (optional && isErrno(error, ...NO_SEMAPHORES)) return undefined;
    throw error;
  }
}

/** Increments the semaphore for the change, and decrements it again if the change fails or emits no event. */
async function counted(id: number, change: () => Promise<DeviceInfo>): Promise<DeviceInfo> {
  addToSemaphore(id, 1);
  let happened = false;
  const counting = async (): Promise<DeviceInfo> => {
    const info = await change();
    happened = (info.flags & DmFlag.UEVENT_GENERATED) !== 0;
    return info;
  };
  return withCleanup(counting, async () => {
    if (!happened) addToSemaphore(id, -1);
  });
}

async function waitForUdev(
  id: number,
  device: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  // A removed semaphore ends the wait: `dmsetup udevcomplete_all` completes all events by removing it.
  while ((semaphoreValue(id) ?? IDLE) > IDLE) {
    if (performance.now() >= deadline) {
      throw new UdevTimeoutError(device, timeoutMs, { seesCookies: udevSeesCookies() });
    }
    await pause(POLL_MS, signal);
  }
}
