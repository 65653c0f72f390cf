// Creates device nodes and fifos in an open directory, and sets file times in nanoseconds. The calls block this
// thread.

import { syscall } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { cText } from '../struct/c-values.ts';
import { type RecordCodec, record, u64 } from '../struct/record.ts';

const AT_SYMLINK_NOFOLLOW = 0x100;
const NS = 1_000_000_000n;

/** A name in an open directory. */
export interface NameIn {
  /** The directory's descriptor. */
  readonly directory: number;
  /** As bytes, without a slash. */
  readonly name: Uint8Array;
}

/**
 * Creates a device node, fifo or socket. `mode` has the file type and the permissions; the umask applies.
 * @throws SyscallError EEXIST if the name exists
 */
export function makeNode({ directory, name }: NameIn, mode: number, device = 0n): void {
  const { value, errno } = syscall('mknodat', [directory, cText(name), mode, device]);
  if (value === -1) fail('mknodat', errno, name);
}

const twoTimes: RecordCodec<Readonly<Record<'aSec' | 'aNs' | 'mSec' | 'mNs', bigint>>> = record(
  'timespec[2]',
  32,
  { aSec: u64(0), aNs: u64(8), mSec: u64(16), mNs: u64(24) },
);

/** Sets the access and modification time, in nanoseconds since 1970. A symbolic link is not followed. */
export function setTimes(
  { directory, name }: NameIn,
  { accessed, modified }: { readonly accessed: bigint; readonly modified: bigint },
): void {
  const [aNs, mNs] = [accessed, modified].map((time) => ((time % NS) + NS) % NS) as [
    bigint,
    bigint,
  ];
  const times = twoTimes.encode({
    aSec: BigInt.asUintN(64, (accessed - aNs) / NS),
    aNs,
    mSec: BigInt.asUintN(64, (modified - mNs) / NS),
    mNs,
  });
  const args = [directory, cText(name), times, AT_SYMLINK_NOFOLLOW];
  const { value, errno } = syscall('utimensat', args);
  if (value === -1) fail('utimensat', errno, name);
}

function fail(call: string, errno: number, name: Uint8Array): never {
  throw new SyscallError({ syscall: call, errno, path: Buffer.from(name).toString() });
}
