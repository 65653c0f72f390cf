// The operations whose every system call the kill sweep interrupts.

import { SMALL } from '../kernel/storage.ts';
import type { Content } from './content.ts';
import type { Steps } from './kill-at.ts';

/** What a storage contains. */
export interface State {
  /** The layers that are not deleted. */
  readonly layers: Readonly<Record<string, Content>>;
  readonly mounted: readonly string[];
}

/** Sizes in bytes that a storage has at least. */
export interface Sizes {
  readonly base?: bigint;
  readonly data?: bigint;
  readonly metadata?: bigint;
}

/** One operation. The program opens the storage and makes the steps; the last of them, or the open, is the operation. */
export interface Operation {
  readonly steps: Steps;
  /** Options of the storage. @default small sizes */
  readonly options?: readonly string[];
  /** The line after which the calls belong to the operation. @default '': from the lock of the directory on */
  readonly from?: string;
  /** The directory does not exist before. @default false */
  readonly isNew?: boolean;
  /** Layers that are recorded as deleted: their holders have just gone. @default [] */
  readonly deleted?: readonly string[];
  /** A process that was killed before, at the exit of its first call that matches. @default none */
  readonly killed?: { readonly steps: Steps; readonly call: RegExp };
  /** A thin device of another program in the pool. */
  readonly unrecorded?: number;
  readonly before: State;
  readonly after: State;
  /** A layer whose new files may be there in part if the operation was not acknowledged. */
  readonly partial?: string;
  /** The sizes after the recovery. */
  readonly sizes?: Sizes;
}

const MiB = 1024n * 1024n;

/** More than a block, so that it is in several. */
const LONG = 'a long file\n'.repeat(20_000);
const A: Content = { a: 'what layer a contains', long: LONG };
const B: Content = { ...A, b: 'what layer b contains' };
/** Stands for the path of the tar in the steps. */
export const TAR = 'TAR';
/** The files of the tar that is applied. */
export const UNPACKED: Content = { 'etc/one': 'first', 'etc/two': LONG, three: 'third' };

/** The layers of the template: b is a snapshot of a. */
export const LAYERS: Readonly<Record<'a' | 'b', Content>> = { a: A, b: B };
const NEW = { ...LAYERS, new: A };
/** The thin id that the next layer gets: the base device and both layers have those before. */
const NEXT_ID = 4;

const idle = (layers: State['layers']): State => ({ layers, mounted: [] });
const mounted = (layers: State['layers']): State => ({ layers, mounted: ['b'] });

const larger = (name: string, size: string): readonly string[] =>
  SMALL.map((option) => (option.startsWith(`${name}=`) ? `${name}=${size}` : option));

const CREATE = ['create', 'new', { parent: 'a' }];
const CREATE_FROM_MOUNTED: Steps = [
  ['mount', 'b'],
  ['create', 'new', { parent: 'b' }],
];

/** The operations by title. `npm run test:crash` has a test file for each. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'first open': {
    steps: [],
    // mkfs writes a journal, and with blocks of 1 KiB the room for growth, by hundreds of equal writes.
    options: [...SMALL, 'dm.mkfsarg=-O^has_journal', 'dm.mkfsarg=-b4096'],
    isNew: true,
    before: idle({}),
    after: idle({}),
  },
  open: { steps: [], before: idle(LAYERS), after: idle(LAYERS) },
  'open after a kill during a create': {
    killed: { steps: CREATE_FROM_MOUNTED, call: /DM_TARGET_MSG .*create_snap/ },
    steps: [],
    before: mounted(LAYERS),
    after: mounted(LAYERS),
  },
  'open after a kill during a remove': {
    killed: { steps: [['remove', 'b']], call: /DM_TARGET_MSG .*delete/ },
    steps: [],
    before: idle({ a: A }),
    after: idle({ a: A }),
  },
  create: { steps: [CREATE], from: 'open', before: idle(LAYERS), after: idle(NEW) },
  'create from a mounted parent': {
    steps: CREATE_FROM_MOUNTED,
    from: 'mount b',
    before: mounted(LAYERS),
    after: mounted({ ...LAYERS, new: B }),
  },
  'create a larger layer': {
    steps: [['create', 'new', { parent: 'a', size: 96 * 1024 * 1024 }]],
    from: 'open',
    before: idle(LAYERS),
    after: idle(NEW),
  },
  'create beside an unrecorded thin device': {
    steps: [['unrecorded', NEXT_ID], CREATE],
    from: `unrecorded ${NEXT_ID}`,
    unrecorded: NEXT_ID,
    before: idle(LAYERS),
    after: idle(NEW),
  },
  mount: { steps: [['mount', 'b']], from: 'open', before: idle(LAYERS), after: mounted(LAYERS) },
  unmount: {
    steps: [
      ['mount', 'b'],
      ['unmount', 'b'],
    ],
    from: 'mount b',
    before: mounted(LAYERS),
    after: idle(LAYERS),
  },
  remove: {
    steps: [['remove', 'b']],
    from: 'open',
    before: idle(LAYERS),
    after: idle({ a: A }),
  },
  'deferred deletion': {
    steps: [['close']],
    deleted: ['b'],
    before: idle({ a: A }),
    after: idle({ a: A }),
  },
  'grow the base device': {
    steps: [],
    options: larger('dm.basesize', '96M'),
    before: idle(LAYERS),
    after: idle(LAYERS),
    sizes: { base: 96n * MiB },
  },
  'grow the pool': {
    steps: [],
    options: larger('dm.loopdatasize', '600M').map((option) =>
      option.replace('metadatasize=8M', 'metadatasize=16M'),
    ),
    before: idle(LAYERS),
    after: idle(LAYERS),
    sizes: { data: 600n * MiB, metadata: 16n * MiB },
  },
  apply: {
    steps: [['apply', 'b', TAR]],
    from: 'open',
    before: idle(LAYERS),
    after: idle({ a: A, b: { ...B, ...UNPACKED } }),
    partial: 'b',
  },
  close: {
    steps: [CREATE, ['close']],
    from: 'create new',
    before: idle(NEW),
    after: idle(NEW),
  },
  shutdown: {
    steps: [['mount', 'b'], ['shutdown']],
    from: 'mount b',
    before: mounted(LAYERS),
    after: idle(LAYERS),
  },
};
