// System V semaphore sets with one semaphore; no call blocks. Source: semget(2), semctl(2), semop(2).

import { errnoNumber } from '../libc/errno.ts';
import { type SyscallArgument, type SyscallName, syscall } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { i16, type RecordCodec, record, u16 } from '../struct/record.ts';

const IPC_CREAT = 0o1000;
const IPC_EXCL = 0o2000;
const IPC_NOWAIT = 0o4000;
const IPC_RMID = 0;
const GETVAL = 12;
const SETVAL = 16;

const EEXIST = errnoNumber('EEXIST');
const GONE: readonly number[] = [errnoNumber('EIDRM'), errnoNumber('EINVAL')];

/** `struct sembuf`. */
export const sembuf: RecordCodec<{
  readonly number: number;
  readonly operation: number;
  readonly flags: number;
}> = record('sembuf', 6, { number: u16(0), operation: i16(2), flags: i16(4) });

function call(name: SyscallName, args: readonly SyscallArgument[]): number {
  const { value, errno } = syscall(name, args);
  if (value === -1) throw new SyscallError({ syscall: name, errno });
  return value;
}

/** Like `call`, but `undefined` if the semaphore has been removed. */
function callUnlessGone(name: SyscallName, args: readonly SyscallArgument[]): number | undefined {
  const { value, errno } = syscall(name, args);
  if (value === -1 && GONE.includes(errno)) return undefined;
  if (value === -1) throw new SyscallError({ syscall: name, errno });
  return value;
}

/** A key as a C `int`. */
const asKey = (key: number): number => key | 0;

/**
 * Creates a semaphore with the given key and value.
 * @returns its id; `undefined` if the key is in use
 * @throws SyscallError ENOSPC if the system's limit is reached, ENOSYS without System V semaphores
 */
export function createSemaphore(key: number, value: number): number | undefined {
  const made = syscall('semget', [asKey(key), 1, 0o600 | IPC_CREAT | IPC_EXCL]);
  if (made.value === -1 && made.errno === EEXIST) return undefined;
  if (made.value === -1) throw new SyscallError({ syscall: 'semget', errno: made.errno });
  call('semctl', [made.value, 0, SETVAL, value]);
  return made.value;
}

/** The id of the semaphore with this key. @throws SyscallError ENOENT if it does not exist */
export const openSemaphore = (key: number): number => call('semget', [asKey(key), 1, 0]);

/** The value of a semaphore; `undefined` if it has been removed. */
export const semaphoreValue = (id: number): number | undefined =>
  callUnlessGone('semctl', [id, 0, GETVAL, 0]);

/** Adds to a semaphore, or subtracts. Ignores a removed one. @throws SyscallError EAGAIN if it would become negative */
export function addToSemaphore(id: number, amount: number): void {
  callUnlessGone('semop', [
    id,
    sembuf.encode({ number: 0, operation: amount, flags: IPC_NOWAIT }),
    1,
  ]);
}

/** Removes a semaphore. Does nothing if it has been removed already. */
export function removeSemaphore(id: number): void {
  callUnlessGone('semctl', [id, 0, IPC_RMID, 0]);
}
