import { randomInt } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { COOKIE_MAGIC } from '../../src/dm/udev/udev.ts';
import { createSemaphore, removeSemaphore } from '../../src/ioctl/kernel/semaphore.ts';

/** A unique cookie and its semaphore, which the end of the test removes. */
export function madeCookie(
  t: ExecutionContext,
  value = 1,
): { readonly cookie: number; readonly id: number } {
  for (;;) {
    const cookie = ((COOKIE_MAGIC << 16) | randomInt(1, 0x10000)) >>> 0;
    const id = createSemaphore(cookie, value);
    if (id === undefined) continue;
    t.teardown(() => removeSemaphore(id));
    return { cookie, id };
  }
}
