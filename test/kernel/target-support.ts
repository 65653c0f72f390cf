// Which target types Debian's kernels ship. The test of this table asks the kernel that runs, so that it
// cannot go stale.

import { release } from 'node:os';

/** Debian releases whose kernels the tests run on. */
export type Suite = 'bookworm' | 'trixie' | 'sid';

const everywhere = { bookworm: true, trixie: true, sid: true } as const;
const nowhere = { bookworm: false, trixie: false, sid: false } as const;

/** Every typed target, and the kernels that have it. What none has is only tested without a kernel. */
export const targetSupport: Readonly<Record<string, Readonly<Record<Suite, boolean>>>> = {
  cache: everywhere,
  clone: { bookworm: false, trixie: false, sid: true },
  crypt: everywhere,
  delay: everywhere,
  dust: nowhere,
  ebs: nowhere,
  era: everywhere,
  error: everywhere,
  flakey: everywhere,
  inlinecrypt: nowhere,
  integrity: everywhere,
  linear: everywhere,
  'log-writes': everywhere,
  mirror: everywhere,
  multipath: everywhere,
  pcache: nowhere,
  raid: everywhere,
  snapshot: everywhere,
  'snapshot-merge': everywhere,
  'snapshot-origin': everywhere,
  striped: everywhere,
  switch: everywhere,
  thin: everywhere,
  'thin-pool': everywhere,
  unstriped: everywhere,
  vdo: { bookworm: false, trixie: true, sid: true },
  verity: everywhere,
  writecache: everywhere,
  zero: everywhere,
  zoned: everywhere,
};

/** The release whose kernel runs: 6.1 is bookworm's, 6.12 trixie's, 7.x sid's. */
export const runningSuite: Suite = suiteOf(release());

function suiteOf(kernel: string): Suite {
  if (kernel.startsWith('6.1.')) return 'bookworm';
  if (kernel.startsWith('6.12.')) return 'trixie';
  if (/^[7-9]\./.test(kernel)) return 'sid';
  throw new Error(`Linux ${kernel} is none of the kernels that target-support.ts knows`);
}

/** Whether the kernel that runs ships a target type. */
export const ships = (type: string): boolean => targetSupport[type]?.[runningSuite] ?? false;
