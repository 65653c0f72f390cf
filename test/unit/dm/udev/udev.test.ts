// Cookies with real semaphores, where the test acts as udev. test/kernel/dm/udev.test.ts runs udevd itself.

import test from 'ava';
import type { DeviceInfo } from '../../../../src/dm/reply/device-info.ts';
import { COOKIE_MAGIC, openUdev, type UdevOptions } from '../../../../src/dm/udev/udev.ts';
import { DmFlag } from '../../../../src/dm/wire/flags.ts';
import {
  addToSemaphore,
  openSemaphore,
  removeSemaphore,
  semaphoreValue,
} from '../../../../src/ioctl/kernel/semaphore.ts';
import { madeCookie } from '../../../support/cookies.ts';

const infoOf = (flags: number): DeviceInfo => ({ flags }) as DeviceInfo;
const UEVENT = infoOf(DmFlag.UEVENT_GENERATED);
const QUIET = infoOf(0);

/** The semaphore of the cookie in an event number. */
const semaphoreOf = (eventNr: number): number =>
  openSemaphore(((COOKIE_MAGIC << 16) | (eventNr & 0xffff)) >>> 0);

const nothing = (): void => undefined;

/** Runs one change, in which `meanwhile` acts as udev. Returns the semaphore, and whether `then` was called. */
async function change(
  options: UdevOptions,
  meanwhile: (id: number) => DeviceInfo | Promise<DeviceInfo>,
  signal?: AbortSignal,
): Promise<{ readonly id: number; readonly error: unknown; readonly done: boolean }> {
  let id = -1;
  let done = false;
  let error: unknown;
  try {
    await openUdev({ sync: true, ...options }).synchronised(
      'a',
      signal,
      async (eventNr) => {
        id = semaphoreOf(eventNr);
        return meanwhile(id);
      },
      () => {
        done = true;
      },
    );
  } catch (caught) {
    error = caught;
  }
  return { id, error, done };
}

test('a change waits until udev decrements its semaphore, and removes the semaphore', async (t) => {
  let counted = false;
  const { id, error, done } = await change({}, (id) => {
    t.is(semaphoreValue(id), 2);
    // In the next turn of the event loop the change is done, and the wait for udev has begun.
    setImmediate(() => {
      counted = true;
      addToSemaphore(id, -1);
    });
    return UEVENT;
  });
  t.deepEqual([error, done, counted], [undefined, true, true]);
  t.is(semaphoreValue(id), undefined);
});

test('a change without an event does not wait', async (t) => {
  const { id, error, done } = await change({ timeoutMs: 0 }, () => QUIET);
  t.deepEqual([error, done], [undefined, true]);
  t.is(semaphoreValue(id), undefined);
});

test('a wait for udev ends at its timeout; the change is done', async (t) => {
  const { id, error, done } = await change({ timeoutMs: 30 }, () => UEVENT);
  t.like(error, { name: 'UdevTimeoutError', code: 'ETIMEDOUT', device: 'a' });
  t.regex((error as Error).message, /^ETIMEDOUT: udev did not finish with 'a' within 30 ms\. /);
  t.true(done);
  t.is(semaphoreValue(id), undefined);
});

test('the removal of the semaphore ends the wait', async (t) => {
  const { error, done } = await change({}, (id) => {
    setImmediate(() => removeSemaphore(id));
    return UEVENT;
  });
  t.deepEqual([error, done], [undefined, true]);
});

test('a failed change removes its semaphore, and does not call then', async (t) => {
  const refused = new Error('refused');
  const { id, error, done } = await change({}, () => {
    throw refused;
  });
  t.is(error, refused);
  t.false(done);
  t.is(semaphoreValue(id), undefined);
});

test('an abort ends the wait, and removes the semaphore', async (t) => {
  const abort = new AbortController();
  const { id, error, done } = await change(
    {},
    () => {
      setImmediate(() => abort.abort());
      return UEVENT;
    },
    abort.signal,
  );
  t.is((error as Error).name, 'AbortError');
  t.true(done);
  t.is(semaphoreValue(id), undefined);
});

test('the cookie of another process is incremented, without a wait, and is not removed', async (t) => {
  const { cookie, id } = madeCookie(t);
  const options = { cookie, timeoutMs: 0 };
  t.is((await change(options, () => UEVENT)).error, undefined);
  t.is(semaphoreValue(id), 2);
  // A change that emits no event or fails does not increment it.
  t.is((await change(options, () => QUIET)).error, undefined);
  await change(options, () => {
    throw new Error('refused');
  });
  t.is(semaphoreValue(id), 2);
});

test('a cookie without a semaphore is an error before any change', async (t) => {
  const { cookie, id } = madeCookie(t);
  removeSemaphore(id);
  const udev = openUdev({ cookie });
  let changed = false;
  const run = udev.synchronised(
    'a',
    undefined,
    async () => {
      changed = true;
      return QUIET;
    },
    nothing,
  );
  await t.throwsAsync(run, { code: 'ENOENT', message: /, semget$/ });
  t.false(changed);
});

for (const cookie of [0, 1, COOKIE_MAGIC << 16, 0x1234_0001, Number.NaN]) {
  test(`openUdev rejects the cookie ${cookie}`, (t) => {
    t.throws(() => openUdev({ cookie }), {
      code: 'ERR_DMTS_INPUT',
      message: /^udev\.cookie: expected a cookie that begins with 0xd4d/,
    });
  });
}

/** The event number of a change that does not wait for udev. */
async function eventNrOf(options: UdevOptions): Promise<number> {
  let sent = -1;
  const run = async (eventNr: number): Promise<DeviceInfo> => {
    sent = eventNr;
    return UEVENT;
  };
  await openUdev(options).synchronised('a', undefined, run, nothing);
  return sent;
}

test('without a wait the event number has the flags for udev and no cookie', async (t) => {
  t.is(await eventNrOf({ sync: false }), 0x0040_0000);
  t.is(await eventNrOf({ sync: false, flags: ['disable-dm-rules', 'low-priority'] }), 0x0051_0000);
});

test.serial('DM_DISABLE_UDEV disables the wait and the rules of udev', async (t) => {
  const before = process.env['DM_DISABLE_UDEV'];
  process.env['DM_DISABLE_UDEV'] = '1';
  t.teardown(() => {
    if (before === undefined) delete process.env['DM_DISABLE_UDEV'];
    else process.env['DM_DISABLE_UDEV'] = before;
  });
  t.is(await eventNrOf({}), 0x0043_0000);
});
