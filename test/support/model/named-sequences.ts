// Sequences that show one rule each, or for which the model kernel once differed from a real one.

import type { Step } from './steps.ts';

const a = { name: 'a' };
const zero = (length: number) => ({ length, type: 'zero', params: '' });
const pool = (name: string, params: string): Step => ({
  do: 'create',
  name,
  table: [{ length: 2048, type: 'thin-pool', params }],
});

/** The sequences with their titles. */
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
    'a table that no longer fits: the load succeeds, the resume fails, and the old table stays live',
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
    'an offset beyond 64 bits: it wraps before Linux 7 and saturates since',
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
    'a pool that is loaded again with another block size keeps its block size',
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
    'the last close carries out a deferred removal and frees the minor number',
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
    'a pool that becomes read-only or writable raises an event',
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
    'the removal of all removes a device above first, and then the device below',
    [
      { do: 'create', name: 'a', table: [{ length: 8, type: 'linear', params: '$data0 0' }] },
      { do: 'create', name: 'b', table: [{ length: 8, type: 'linear', params: '$dm0 0' }] },
      { do: 'removeAll', deferred: true },
      { do: 'create', name: 'a', table: [zero(8)] },
    ],
  ],
];
