import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { listCookies } from '../../../../src/dm/udev/udev-cookies.ts';
import { addToSemaphore, removeSemaphore } from '../../../../src/ioctl/kernel/semaphore.ts';
import { madeCookie } from '../../../support/cookies.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const HEAD =
  '       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n';
/** A line of /proc/sysvipc/sem. Its numbers are decimal and signed. */
const line = (key: number, id: number, operated = 0, changed = 1_700_000_000): string =>
  `${key | 0} ${id} 600 1 0 0 0 0 ${operated} ${changed}\n`;

test('listCookies lists the cookies of the machine with their values', (t) => {
  // The kernel's times are whole seconds of a clock that may be one tick behind.
  const begin = Date.now() - 2000;
  const isSince = (time: Date | undefined): boolean =>
    time !== undefined && time.getTime() >= begin && time.getTime() <= Date.now();
  const { cookie, id: semaphoreId } = madeCookie(t);
  const mine = () => listCookies().find((entry) => entry.cookie === cookie);
  t.like(mine(), { semaphoreId, value: 1, lastOperation: undefined });
  t.true(isSince(mine()?.lastChange));
  addToSemaphore(semaphoreId, 1);
  t.is(mine()?.value, 2);
  t.true(isSince(mine()?.lastOperation));
  removeSemaphore(semaphoreId);
  t.is(mine(), undefined);
});

test('listCookies skips other semaphores and removed ones', (t) => {
  const { cookie, id } = madeCookie(t, 3);
  const gone = 0x7fffffff;
  const path = join(tempDir(t), 'sem');
  writeFileSync(path, HEAD + line(0x1234_0001, id) + line(cookie, gone) + line(cookie, id, 5, 0));
  t.deepEqual(listCookies(path), [
    {
      cookie,
      semaphoreId: id,
      value: 3,
      lastOperation: new Date(5000),
      lastChange: new Date(0),
    },
  ]);
});

test('listCookies of an empty list is empty', (t) => {
  const path = join(tempDir(t), 'sem');
  writeFileSync(path, HEAD);
  t.deepEqual(listCookies(path), []);
});
