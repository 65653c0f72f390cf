// The names of the devices that all peers use.

/** The pool of the benchmark. */
export const POOL = 'bench-pool';
/** The thin id of the origin of all snapshots. */
export const ORIGIN = 16_777_215;
/** Sectors of a thin device. */
export const THIN_LENGTH = 2048;
/** Sectors of a linear device. */
export const LINEAR_LENGTH = 2048;
/** Targets of the long table, and the sectors of each. */
export const LONG_TABLE = 1000;
/** See {@link LONG_TABLE}. */
export const LONG_LINE = 8;

/** The words with which each peer starts: where the devices are. */
export interface Place {
  /** The number of the pool: `254:0`. */
  readonly poolDev: string;
  /** The disk below the linear devices. */
  readonly disk: string;
}

/** The arguments of a peer. */
export const placeWords = ({ poolDev, disk }: Place): readonly string[] => [
  POOL,
  poolDev,
  disk,
  String(THIN_LENGTH),
];

/** The lines of the long table, as text. */
export const longTable = (disk: string): string =>
  Array.from(
    { length: LONG_TABLE },
    (_, line) => `${line * LONG_LINE} ${LONG_LINE} linear ${disk} ${line * LONG_LINE}\n`,
  ).join('');
