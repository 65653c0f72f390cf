// Creates device nodes and fifos in an open directory, and sets file times in nanoseconds.

import { SyscallError } from '../libc/syscall-error.ts';
import { cText } from '../struct/c-values.ts';
import { type RecordCodec, record, u64 } from '../struct/record.ts';
import { callInThread } from '../thread/threads.ts';

const AT_SYMLINK_NOFOLLOW = 0x100;
const NS = 1_000_000_000n;

/** A name in an open directory. */
export interface NameIn {
  /** The directory's descriptor. */
  readonly directory: number;
  /** As bytes, without a slash. */
  readonly name: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Creates a device node, fifo or socket. `mode` has the file type and the permissions; the umask applies.
 * @throws SyscallError EEXIST if the name exists
 */
export async function makeNode(
  { directory, name, signal }: NameIn,
  mode: number,
  device = 0n,
): Promise<void> {
  const args = [directory, cText(name), mode, device];
  const { value, errno } = await callInThread('mknodat', args, signal);
  if (value === -1) fail('mknodat', errno, name);
}

const twoTimes: RecordCodec<Readonly<Record<'aSec' | 'aNs' | 'mSec' | 'mNs', bigint>>> = record(
  'timespec[2]',
  32,
  { aSec: u64(0), aNs: u64(8), mSec: u64(16), mNs: u64(24) },
);

/** Sets the access and modification time, in nanoseconds since 1970. A symbolic link is not followed. */
export async function setTimes(
  { directory, name, signal }: NameIn,
  { accessed, modified }: { readonly accessed: bigint; readonly modified: bigint },
): Promise<void> {
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
  const { value, errno } = await callInThread('utimensat', args, signal);
  if (value === -1) fail('utimensat', errno, name);
}

function fail(syscall: string, errno: number, name: Uint8Array): never {
  throw new SyscallError({ syscall, errno, path: Buffer.from(name).toString() });
}
