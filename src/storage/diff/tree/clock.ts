// The clock of the kernel's file times.

/**
 * The longest step of that clock, in milliseconds. It advances with the timer interrupt, at least 100 times a second
 * (CONFIG_HZ). Two changes within one step get the same time, and a time is late by up to one step. Source:
 * current_time() in fs/inode.c, ktime_get_coarse_real_ts64() in Documentation/core-api/timekeeping.rst of Linux.
 */
export const CLOCK_STEP_MS = 10;
/** The longest step of the clock, in nanoseconds. */
export const CLOCK_STEP = 10_000_000n;
