// The operations that every peer does, and how they are measured.

/** Who does an operation. */
export type PeerName =
  | 'raw'
  | 'libdevmapper'
  | 'threads'
  | 'inline'
  | 'pool'
  | 'dmsetup'
  | 'dmts command';

/** A ratio that an operation must not exceed. */
export interface Goal {
  readonly peer: PeerName;
  readonly to: PeerName;
  readonly ratio: number;
}

/** A step of the raw peer, which makes or removes one device for each sample. */
export type Step =
  | 'clear'
  | 'clear_node'
  | 'create_thin'
  | 'delete'
  | 'make_linear'
  | 'make_thin'
  | 'make_empty';

/** One operation. */
export interface Operation {
  /** The word for the peers. */
  readonly word: string;
  readonly title: string;
  /** How often a round measures it. Processes are measured once a round. */
  readonly samples: number;
  /** How often a program does it before the first round: it starts threads and compiles code. */
  readonly warmUp: number;
  /** What the raw peer does before and after a round of a peer, without measuring it. */
  readonly before: readonly Step[];
  readonly after: readonly Step[];
  /** The number of empty devices. Three others exist always. */
  readonly devices: number;
  readonly goals: readonly Goal[];
}

const operation = (
  word: string,
  title: string,
  traits: Partial<Omit<Operation, 'word' | 'title'>> = {},
): Operation => ({
  samples: 16,
  warmUp: 256,
  before: [],
  after: [],
  devices: 0,
  goals: [],
  ...traits,
  word,
  title,
});

const toRaw = (limits: Partial<Record<PeerName, number>>): readonly Goal[] =>
  Object.entries(limits).map(([peer, ratio]) => ({ peer: peer as PeerName, to: 'raw', ratio }));

/** An operation that waits in the kernel, or takes long. */
const SLOW = { warmUp: 32 };

const MESSAGE = toRaw({ threads: 1.3, inline: 1.1, pool: 2 });
const CREATE = toRaw({ threads: 1.3, inline: 1.1, pool: 1.5 });

/** The operations, in the order in which they are measured. The numbers of devices only grow. */
export const operations: readonly Operation[] = [
  operation('version', 'version', { samples: 64 }),
  operation('status', 'status of a device', { samples: 64 }),
  operation('suspend_resume', 'suspend and resume', SLOW),
  operation('create_thin', 'message create_thin', { after: ['delete'], goals: MESSAGE }),
  operation('create_snap', 'message create_snap', { after: ['delete'], goals: MESSAGE }),
  operation('create_linear', 'create, load and resume a linear device', {
    after: ['clear'],
    goals: CREATE,
  }),
  operation('activate', 'create, load and resume a thin device', {
    before: ['create_thin'],
    after: ['clear', 'delete'],
    goals: CREATE,
  }),
  operation('remove', 'remove a linear device', {
    ...SLOW,
    before: ['make_linear'],
    after: ['clear_node'],
  }),
  operation('deactivate', 'remove a thin device', {
    ...SLOW,
    before: ['create_thin', 'make_thin'],
    after: ['clear_node', 'delete'],
  }),
  operation('load_long', 'load 1,000 targets', { samples: 2, ...SLOW }),
  operation('read_long', 'read 1,000 targets', { samples: 4, ...SLOW }),
  operation('list', 'list 10 devices', { devices: 7 }),
  operation('list', 'list 100 devices', { devices: 97 }),
  operation('list', 'list 1,000 devices', { samples: 4, ...SLOW, devices: 997 }),
  operation('list', 'list 4,000 devices', {
    samples: 4,
    ...SLOW,
    devices: 3997,
    goals: [
      { peer: 'threads', to: 'dmsetup', ratio: 1 },
      { peer: 'inline', to: 'dmsetup', ratio: 1 },
    ],
  }),
];
