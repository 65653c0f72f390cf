// The operations of volumes whose every system call is interrupted.

import type { Steps } from '../crash/kill-at.ts';

const MiB = 1024 ** 2;

/** The pool. */
export const KILL_POOL: { readonly size: number; readonly metadataSize: number } = {
  size: 64 * MiB,
  metadataSize: 4 * MiB,
};

/** Stands for the path of the image in the steps: it begins with the letter `i`. */
export const IMAGE = 'IMAGE';
/** Stands for the path of the exported file. */
export const TARGET = 'TARGET';

/** The size of the volumes. */
export const VOLUME_SIZE: number = 4 * MiB;
const LARGE = 8 * MiB;

/** The letter that each volume begins with; `.` for zeros. */
export type Letters = Readonly<Record<string, string>>;

/** The volumes of the template: b is a clone of a, and was written later. */
export const TEMPLATE: Letters = { a: 'a', b: 'b' };

/** One operation: the last of the steps, or the open. */
export interface VolumeOperation {
  readonly steps: Steps;
  /** The line after which the calls belong to the operation. @default '': from the lock of the directory on */
  readonly from?: string;
  /** The directory does not exist before. @default false */
  readonly isNew?: boolean;
  readonly before: Letters;
  readonly after: Letters;
  /** The sizes that volumes have afterwards, if not that of the template. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** The operation exports volume a. */
  readonly exports?: boolean;
}

/** The operations by title. */
export const VOLUME_OPERATIONS: Readonly<Record<string, VolumeOperation>> = {
  'first ensure': { steps: [], isNew: true, before: {}, after: {} },
  ensure: { steps: [], before: TEMPLATE, after: TEMPLATE },
  create: {
    steps: [['create', 'new', { size: VOLUME_SIZE }]],
    from: 'open',
    before: TEMPLATE,
    after: { ...TEMPLATE, new: '.' },
  },
  clone: {
    steps: [['clone', 'a', 'new']],
    from: 'open',
    before: TEMPLATE,
    after: { ...TEMPLATE, new: 'a' },
  },
  'clone of an active volume': {
    steps: [
      ['activate', 'a'],
      ['clone', 'a', 'new'],
    ],
    from: 'activate a',
    before: TEMPLATE,
    after: { ...TEMPLATE, new: 'a' },
  },
  import: {
    steps: [['import', 'new', IMAGE]],
    from: 'open',
    before: TEMPLATE,
    after: { ...TEMPLATE, new: 'i' },
  },
  export: {
    steps: [['export', 'a', TARGET]],
    from: 'open',
    before: TEMPLATE,
    after: TEMPLATE,
    exports: true,
  },
  'roll back': {
    steps: [['rollback', 'b', 'a']],
    from: 'open',
    before: TEMPLATE,
    after: { a: 'a', b: 'a' },
  },
  rename: {
    steps: [
      ['activate', 'b'],
      ['rename', 'b', 'c'],
    ],
    from: 'activate b',
    before: TEMPLATE,
    after: { a: 'a', c: 'b' },
  },
  grow: {
    steps: [
      ['activate', 'b'],
      ['grow', 'b', LARGE],
    ],
    from: 'activate b',
    before: TEMPLATE,
    after: TEMPLATE,
    sizes: { b: LARGE },
  },
  'activate and deactivate': {
    steps: [
      ['activate', 'b'],
      ['deactivate', 'b'],
    ],
    from: 'open',
    before: TEMPLATE,
    after: TEMPLATE,
  },
  delete: { steps: [['delete', 'b']], from: 'open', before: TEMPLATE, after: { a: 'a' } },
  shutdown: { steps: [['shutdown']], from: 'open', before: TEMPLATE, after: TEMPLATE },
};
