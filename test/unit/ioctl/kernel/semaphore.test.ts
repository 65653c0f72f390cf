import test, { type ExecutionContext } from 'ava';
import {
  addToSemaphore,
  createSemaphore,
  openSemaphore,
  removeSemaphore,
  semaphoreValue,
} from '../../../../src/ioctl/kernel/semaphore.ts';

/** A key for this process; `i` is different in each test. With the highest bit set it is negative in C. */
const keyOf = (i: number): number => (0x80000000 | ((process.pid & 0xffffff) << 4) | i) >>> 0;

function made(t: ExecutionContext, key: number, value: number): number {
  const id = createSemaphore(key, value);
  if (id === undefined) throw new Error(`the key ${key.toString(16)} is taken`);
  t.teardown(() => removeSemaphore(id));
  return id;
}

test('a semaphore has its initial value plus what was added', (t) => {
  const id = made(t, keyOf(0), 1);
  t.is(semaphoreValue(id), 1);
  addToSemaphore(id, 2);
  t.is(semaphoreValue(id), 3);
  addToSemaphore(id, -3);
  t.is(semaphoreValue(id), 0);
});

test('a semaphore is found by its key, which cannot be used twice', (t) => {
  const key = keyOf(1);
  const id = made(t, key, 1);
  t.is(openSemaphore(key), id);
  t.is(createSemaphore(key, 5), undefined);
  t.is(semaphoreValue(id), 1);
});

test('an operation that would make the value negative fails without waiting', (t) => {
  const id = made(t, keyOf(2), 1);
  t.throws(() => addToSemaphore(id, -2), {
    code: 'EAGAIN',
    message: /^EAGAIN: .*, semop$/,
  });
  t.is(semaphoreValue(id), 1);
});

test('a removed semaphore has no value, and can be removed again', (t) => {
  const key = keyOf(3);
  const id = made(t, key, 1);
  removeSemaphore(id);
  t.is(semaphoreValue(id), undefined);
  t.notThrows(() => addToSemaphore(id, 1));
  t.notThrows(() => removeSemaphore(id));
  t.throws(() => openSemaphore(key), { code: 'ENOENT', message: /^ENOENT: .*, semget$/ });
});

test('an invalid value is rejected', (t) => {
  const key = keyOf(4);
  t.throws(() => createSemaphore(key, 32_768), { code: 'ERANGE', message: /, semctl$/ });
  removeSemaphore(openSemaphore(key));
});
