// Which target types Debian's kernels ship. The test of this table asks the kernel that runs, so that it
// cannot go stale.

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
