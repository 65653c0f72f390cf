import test, { type ExecutionContext } from 'ava';
import {
  addToSemaphore,
  createSemaphore,
  openSemaphore,
  removeSemaphore,
  semaphoreValue,
} from '../../src/ioctl/semaphore.ts';

/** A key of this process's own; `i` tells its tests apart. With the highest bit it is negative in C. */
const keyOf = (i: number): number => (0x80000000 | ((process.pid & 0xffffff) << 4) | i) >>> 0;

function made(t: ExecutionContext, key: number, value: number): number {
  const id = createSemaphore(key, value);
  if (id === undefined) throw new Error(`the key ${key.toString(16)} is taken`);
  t.teardown(() => removeSemaphore(id));
  return id;
}

test('it has the value it was made with, and what was added', (t) => {
  const id = made(t, keyOf(0), 1);
  t.is(semaphoreValue(id), 1);
  addToSemaphore(id, 2);
  t.is(semaphoreValue(id), 3);
  addToSemaphore(id, -3);
  t.is(semaphoreValue(id), 0);
});

test('it is found by its key, which nobody else can have meanwhile', (t) => {
  const key = keyOf(1);
  const id = made(t, key, 1);
  t.is(openSemaphore(key), id);
  t.is(createSemaphore(key, 5), undefined);
  t.is(semaphoreValue(id), 1);
});

test('what would make it negative is refused, and nothing waits', (t) => {
  const id = made(t, keyOf(2), 1);
  t.throws(() => addToSemaphore(id, -2), {
    code: 'EAGAIN',
    message: /^EAGAIN: .*, semop$/,
  });
  t.is(semaphoreValue(id), 1);
});

test('one that has been removed has no value, and is as good as removed', (t) => {
  const key = keyOf(3);
  const id = made(t, key, 1);
  removeSemaphore(id);
  t.is(semaphoreValue(id), undefined);
  t.notThrows(() => addToSemaphore(id, 1));
  t.notThrows(() => removeSemaphore(id));
  t.throws(() => openSemaphore(key), { code: 'ENOENT', message: /^ENOENT: .*, semget$/ });
});

test('a value that no semaphore can have is refused', (t) => {
  const key = keyOf(4);
  t.throws(() => createSemaphore(key, 32_768), { code: 'ERANGE', message: /, semctl$/ });
  removeSemaphore(openSemaphore(key));
});
