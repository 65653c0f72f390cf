// The memory of bytes arguments on another thread: bytes that own their memory are lent, others are copied.

import { types } from 'node:util';
import { addressOf, type SyscallArgument } from '../libc/libc.ts';

/** The arguments of a call, prepared for another thread. */
export interface LentArguments {
  readonly args: readonly SyscallArgument[];
  /** The memory of all bytes among `args`. It moves to the other thread. */
  readonly transfer: readonly ArrayBuffer[];
  /** The copied bytes. They may contain a key: wipe them if they are not sent. */
  readonly copies: readonly Uint8Array[];
}

/** Bytes that own their whole buffer although they cover only a part of it. */
const ownTheWhole = new WeakSet<Uint8Array>();

/**
 * Prepares the arguments of a call for another thread. Each bytes argument gets memory that nothing else uses:
 *
 * - Bytes that own their memory are lent. They become unusable on this thread, and the kernel works on them in place.
 *   Bytes own their memory if they are a whole ArrayBuffer that no other argument uses, or come from `alignedBytes`.
 * - Other bytes are copied and stay unchanged: a slice of Node's Buffer pool, a view of a larger buffer, shared memory.
 *   The result contains the copy. A caller with a key in such bytes must wipe them.
 *
 * Some memory of the first kind cannot be transferred either, such as WebAssembly's; only sending it shows that. With
 * `copyAll` all bytes are copied.
 *
 * @throws TypeError for bytes that are empty or lent to another call
 */
export function lend(args: readonly SyscallArgument[], copyAll = false): LentArguments {
  const copies: Uint8Array[] = [];
  const lent = args.map((argument) => {
    if (!(argument instanceof Uint8Array)) return argument;
    // Lent bytes have length 0. Node 20 would post them, and the message would never arrive.
    if (argument.byteLength === 0) {
      throw new TypeError(
        'invalid bytes: expected at least 1 byte, in memory that is not lent to another call',
      );
    }
    if (!copyAll && ownsMemory(argument) && isOnlyUser(argument, args)) return argument;
    const copy = copyOf(argument);
    copies.push(copy);
    return copy;
  });
  const transfer = lent
    .filter((argument) => argument instanceof Uint8Array)
    .map((bytes) => bytes.buffer as ArrayBuffer);
  return { args: lent, transfer, copies };
}

function ownsMemory(bytes: Uint8Array): boolean {
  if (types.isSharedArrayBuffer(bytes.buffer)) return false;
  return bytes.byteLength === bytes.buffer.byteLength || ownTheWhole.has(bytes);
}

const isOnlyUser = ({ buffer }: Uint8Array, args: readonly SyscallArgument[]): boolean =>
  args.filter((other) => other instanceof Uint8Array && other.buffer === buffer).length === 1;

/** A copy in memory of exactly that size: `Buffer.alloc` never uses Node's pool. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.alloc(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** Bytes that another thread returned, with their memory. They can be lent again. */
export function reclaim({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  ownTheWhole.add(bytes);
  return bytes;
}

/** Zeroed bytes that own their memory and whose address is a multiple of `alignment`. */
export function alignedBytes(length: number, alignment: number): Buffer {
  const roomy = Buffer.alloc(length + alignment);
  const past = Number(addressOf(roomy) % BigInt(alignment));
  const start = past === 0 ? 0 : alignment - past;
  const bytes = roomy.subarray(start, start + length);
  ownTheWhole.add(bytes);
  return bytes;
}
