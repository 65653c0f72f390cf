// The owner's side of load-permit.ts, and the system calls of the thread's side. Source: futex(2).

import { addressOf, syscall } from '../libc/libc.ts';
import { timespec } from '../struct/c-values.ts';
import { PERMIT, type PermitGiver } from './call-protocol.ts';
import { Permit } from './load-permit.ts';
import { LOAD_LIMIT_MS } from './load-turns.ts';

const FUTEX_WAIT_PRIVATE = 128;
const FUTEX_WAKE_PRIVATE = 129;

const permitWord = ({ buffer, byteOffset, BYTES_PER_ELEMENT }: Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset + PERMIT * BYTES_PER_ELEMENT, BYTES_PER_ELEMENT);

/** The permit giver of this thread, which must then call `permitLoad` on request. */
export const permitGiver = (shared: Int32Array): PermitGiver => ({
  thread: syscall('gettid', []).value,
  word: addressOf(permitWord(shared)),
});

/** Permits a waiting thread to load koffi, and blocks this thread in the kernel until it has loaded koffi. */
export function permitLoad(shared: Int32Array): void {
  Atomics.store(shared, PERMIT, Permit.GIVEN);
  Atomics.notify(shared, PERMIT);
  const limit = timespec(LOAD_LIMIT_MS);
  syscall('futex', [permitWord(shared), FUTEX_WAIT_PRIVATE, Permit.GIVEN, limit]);
  Atomics.compareExchange(shared, PERMIT, Permit.GIVEN, Permit.EXPIRED);
}

/** Returns the permit. The thread calls this when it has loaded koffi. */
export function returnPermit(shared: Int32Array): void {
  Atomics.store(shared, PERMIT, Permit.USED);
  syscall('futex', [permitWord(shared), FUTEX_WAKE_PRIVATE, 1, null]);
}
