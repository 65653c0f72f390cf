// The target types that Debian's kernels ship. The test of this table queries the running kernel, so the table
// cannot become stale.

import type { Suite } from '../../../vm/suites.ts';

/** Debian's kernels for machines (`linux-image-amd64`) and the one that runs as a process (`user-mode-linux`). */
export type Flavor = 'amd64' | 'uml';

/** Whether a target type is in each kernel. */
export type Support = Readonly<Record<Flavor, Readonly<Record<Suite, boolean>>>>;

const all = { bookworm: true, trixie: true, sid: true } as const;
const none = { bookworm: false, trixie: false, sid: false } as const;
const everywhere: Support = { amd64: all, uml: all };
const nowhere: Support = { amd64: none, uml: none };

/** Every typed target, and the kernels that have it. A target that no kernel has is tested only without a kernel. */
export const targetSupport: Readonly<Record<string, Support>> = {
  cache: everywhere,
  clone: { amd64: { ...none, sid: true }, uml: all },
  crypt: everywhere,
  delay: everywhere,
  dust: { amd64: none, uml: all },
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
  vdo: { amd64: { ...all, bookworm: false }, uml: none },
  verity: everywhere,
  writecache: everywhere,
  zero: everywhere,
  zoned: { amd64: all, uml: none },
};
