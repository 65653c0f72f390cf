// Which memory a call on another thread works on: bytes that own theirs are lent to it, anything else is copied.

import { types } from 'node:util';
import { addressOf, type SyscallArgument } from './libc.ts';

/** The arguments of a call as another thread gets them. */
export interface LentArguments {
  readonly args: readonly SyscallArgument[];
  /** The memory of all bytes among `args`. It moves to the other thread. */
  readonly transfer: readonly ArrayBuffer[];
  /** The bytes that are copies. They may hold a key: wipe them where they are not sent. */
  readonly copies: readonly Uint8Array[];
}

/** Bytes that own the whole of their buffer although they are only a part of it. */
const ownTheWhole = new WeakSet<Uint8Array>();

/**
 * Prepare the arguments of a call for another thread. Each bytes argument gets memory that nothing else uses:
 *
 * - Bytes that own their memory are lent. They become unusable here, and the kernel works on them in place. Bytes own
 *   their memory if they are the whole of an ArrayBuffer that no other argument uses, or come from `alignedBytes`.
 * - Anything else is copied and stays as it was: a slice of Node's Buffer pool, a view of a larger buffer, shared
 *   memory. Whoever keeps a key in such bytes wipes them; the copy is in the result.
 *
 * Some memory owns itself and still cannot move, such as that of WebAssembly; only sending it shows that. With
 * `copyAll` everything is copied.
 *
 * @throws TypeError for bytes that are empty or lent to another call
 */
export function lend(args: readonly SyscallArgument[], copyAll = false): LentArguments {
  const copies: Uint8Array[] = [];
  const lent = args.map((argument) => {
    if (!(argument instanceof Uint8Array)) return argument;
    // Another call may have taken the memory a moment ago. Node 20 would send such bytes, and no thread would get them.
    if (argument.byteLength === 0) {
      throw new TypeError(
        'invalid bytes: expected at least one, in memory that is not lent to another call',
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

/** The same bytes in zeroed memory of exactly their size: `Buffer.alloc` never takes it from the pool. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.alloc(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** Bytes that came back from another thread, with their memory. They can be lent again as they are. */
export function takeBack({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
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
