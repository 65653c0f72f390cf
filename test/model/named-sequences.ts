// Sequences on which the model kernel and a real one once differed, or that show a rule at a glance.

import type { Step } from './steps.ts';

const a = { name: 'a' };
const zero = (length: number) => ({ length, type: 'zero', params: '' });
const pool = (name: string, params: string): Step => ({
  do: 'create',
  name,
  table: [{ length: 2048, type: 'thin-pool', params }],
});

/** Each with what it is about. */
export const NAMED_SEQUENCES: readonly (readonly [title: string, steps: readonly Step[]])[] = [
  [
    'a device without a table, renamed, messaged and removed',
    [
      { do: 'create', name: 'a' },
      { do: 'rename', ref: a, to: 'b' },
      { do: 'message', ref: { name: 'b' }, text: 'create_thin 0', sector: 0 },
      { do: 'suspend', ref: { name: 'b' }, noFlush: false },
      { do: 'resume', ref: { name: 'b' }, noFlush: false },
      { do: 'remove', ref: { name: 'b' }, deferred: false, force: false },
    ],
  ],
  [
    'a table that no longer fits: the load succeeds, the resume does not, and the old table serves on',
    [
      { do: 'create', name: 'a', table: [zero(8)] },
      {
        do: 'load',
        ref: a,
        table: [{ length: 65_536, type: 'linear', params: '$data0 0' }],
        readOnly: false,
      },
      { do: 'resume', ref: a, noFlush: false },
    ],
  ],
  [
    'an offset past 64 bits: what is left of it before Linux 7, the greatest number since',
    [
      {
        do: 'create',
        name: 'a',
        table: [{ length: 8, type: 'linear', params: '$data0 18446744073709551624' }],
      },
    ],
  ],
  [
    'a device on itself',
    [
      { do: 'create', name: 'a', table: [{ length: 8, type: 'linear', params: '$dm0 0' }] },
      { do: 'create', name: 'a', table: [zero(8)] },
      {
        do: 'load',
        ref: a,
        table: [{ length: 8, type: 'linear', params: '$dm0 0' }],
        readOnly: false,
      },
      { do: 'clear', ref: a },
    ],
  ],
  [
    'a pool that is loaded again with another block size keeps its own',
    [
      pool('a', '$meta0 $data0 128 1'),
      {
        do: 'reload',
        ref: a,
        table: [{ length: 2048, type: 'thin-pool', params: '$meta0 $data0 256 1' }],
        readOnly: false,
      },
    ],
  ],
  [
    'a removal that was deferred happens when the last user goes, and the minor number is free again',
    [
      pool('a', '$meta0 $data0 128 1'),
      { do: 'message', ref: a, text: 'create_thin 0', sector: 0 },
      {
        do: 'create',
        name: 'b',
        table: [{ length: 1024, type: 'thin', params: '$dm0 0' }],
      },
      { do: 'remove', ref: a, deferred: true, force: false },
      { do: 'removeAll', deferred: false },
      { do: 'create', name: 'a' },
    ],
  ],
  [
    'a pool that becomes read-only, or no longer is, has an event',
    [
      pool('a', '$meta0 $data0 128 1'),
      { do: 'remove', ref: a, deferred: false, force: false },
      pool('a', '$meta0 $data0 128 1 1 read_only'),
      {
        do: 'reload',
        ref: a,
        table: [{ length: 2048, type: 'thin-pool', params: '$meta0 $data0 128 1' }],
        readOnly: false,
      },
    ],
  ],
  [
    'what stands on another device goes first, and so the removal of all removes both',
    [
      { do: 'create', name: 'a', table: [{ length: 8, type: 'linear', params: '$data0 0' }] },
      { do: 'create', name: 'b', table: [{ length: 8, type: 'linear', params: '$dm0 0' }] },
      { do: 'removeAll', deferred: true },
      { do: 'create', name: 'a', table: [zero(8)] },
    ],
  ],
];
