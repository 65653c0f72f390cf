// `struct timespec` of 64-bit Linux. Source: <linux/time_types.h>.

import { type RecordCodec, record, u64 } from './record.ts';

const MS_PER_SECOND = 1000;
const NS_PER_MS = 1_000_000;

const codec: RecordCodec<{ readonly seconds: bigint; readonly nanoseconds: bigint }> = record(
  'timespec',
  16,
  { seconds: u64(0), nanoseconds: u64(8) },
);

/** A duration in milliseconds as `struct timespec`. */
export const timespec = (ms: number): Buffer =>
  codec.encode({
    seconds: BigInt(Math.floor(ms / MS_PER_SECOND)),
    nanoseconds: BigInt(Math.round((ms % MS_PER_SECOND) * NS_PER_MS)),
  });
