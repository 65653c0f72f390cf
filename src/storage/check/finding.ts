// A difference between the records, the pool and the kernel, and what can be done about it.

/** The kind of a difference. */
export type StorageFindingCode =
  /** A file is torn, foreign or hostile. */
  | 'record-invalid'
  /** Two records name one thin device. */
  | 'record-duplicate'
  /** A file is not one of a storage. */
  | 'file-unknown'
  /** The temporary file of a write that was interrupted. */
  | 'file-temporary'
  /** A process died while it created or deleted a layer. */
  | 'transaction-pending'
  /** The recorded transaction contradicts the records of layers. */
  | 'transaction-contradiction'
  /** The records and the pool have different ages. */
  | 'transaction-mismatch'
  /** The pool cannot be found, or it has no readable metadata. */
  | 'pool-missing'
  /** The creation of the pool was interrupted, and no record needs it. */
  | 'pool-incomplete'
  /** The kernel refuses changes of the pool, or no data block is free. */
  | 'pool-state'
  /** A program died while it changed the pool. */
  | 'pool-suspended'
  /** The same for a pool that another program maintains. */
  | 'pool-suspended-external'
  /** thin_check finds errors in the metadata. */
  | 'metadata-damaged'
  /** The pool has a thin device that no record names. */
  | 'thin-unrecorded'
  /** A record names a thin device that the pool does not have. */
  | 'thin-missing'
  /** The thin device of a record was created in another transaction than the recorded one. */
  | 'thin-foreign'
  /** A layer was removed, nothing uses it any more, and it is not deleted yet. */
  | 'deletion-pending'
  /** The record of the base device is missing or wrong, and there are layers. */
  | 'base-record'
  /** The creation of the base device was interrupted, and there are no layers. */
  | 'base-incomplete'
  /** The base device has no filesystem, or another one than the recorded one. */
  | 'base-filesystem'
  /** A process died while it changed a device. */
  | 'device-suspended'
  | 'device-inactive-table'
  | 'device-without-table'
  /** A process died while it grew the filesystem of a device, and left it mounted. */
  | 'growth-interrupted'
  /** The device of a layer is active, and nothing uses it. */
  | 'device-idle'
  /** A device has the name of a layer and is not the layer's thin device. */
  | 'device-foreign'
  /** A view died and left a device. */
  | 'view-leftover'
  /** Something is mounted on the mount point of a layer that does not exist. */
  | 'mount-unknown';

/** What can be done about a kind of difference. */
interface Kind {
  /** What the next open for changes does. */
  readonly remedy?: string;
  /** What a person can do, because a program must not decide. */
  readonly advice?: string;
  /** An open for changes is refused until a person has acted. */
  readonly blocks?: true;
}

const KINDS: Readonly<Record<StorageFindingCode, Kind>> = {
  'record-invalid': { blocks: true, advice: 'Restore a copy of the file, or move it away' },
  'record-duplicate': {
    blocks: true,
    advice: 'One of the two records belongs to another storage: move it away',
  },
  'file-unknown': { advice: 'Move the file away' },
  'file-temporary': { remedy: 'deletes the file' },
  'transaction-pending': { remedy: 'rolls the transaction back' },
  'transaction-contradiction': { blocks: true, advice: 'Restore the file, or move it away' },
  'transaction-mismatch': {
    blocks: true,
    advice:
      'Restore the records and the pool of the same time. To continue with the present ones, give --accept-pool',
  },
  'pool-missing': { blocks: true, advice: 'Restore the files or devices of the pool' },
  'pool-incomplete': { remedy: 'completes the pool' },
  'pool-state': { advice: 'Repair the pool first' },
  'pool-suspended': { remedy: 'clears the inactive table, and resumes the pool' },
  'pool-suspended-external': { blocks: true, advice: 'Wait for the program that owns the pool' },
  'metadata-damaged': {
    advice: 'Copy the metadata first. Then repair it with thin_repair, into a new device or file',
  },
  'thin-unrecorded': {
    advice:
      'Its record is lost, or another program created this thin device. Make it a layer with --adopt, or delete it with --delete-thin',
  },
  'thin-missing': {
    advice: 'Its content is lost. Restore the pool, or remove the layer with "dmts storage rm"',
  },
  'thin-foreign': {
    advice: 'The record or the pool belongs to another storage, or is a copy of another time',
  },
  'deletion-pending': { remedy: 'deletes the layer' },
  'base-record': { blocks: true, advice: 'Restore metadata/base' },
  'base-incomplete': { remedy: 'creates the base device anew' },
  'base-filesystem': {
    blocks: true,
    advice: 'These records and this pool do not belong together, or the data of the pool is lost',
  },
  'device-suspended': { remedy: 'resumes the device' },
  'device-inactive-table': { remedy: 'clears the inactive table' },
  'device-without-table': { remedy: 'removes the device' },
  'growth-interrupted': { remedy: 'unmounts the filesystem' },
  'device-idle': { remedy: 'deactivates the device' },
  'device-foreign': { advice: 'Show its table with "dmts table", and remove or rename the device' },
  'view-leftover': { remedy: 'removes the device' },
  'mount-unknown': { advice: 'Unmount it' },
};

/** One difference between the records, the pool and the kernel. */
export interface StorageFinding {
  readonly code: StorageFindingCode;
  /** The layer, file, device or pool: `'layer "a"'`. */
  readonly subject: string;
  /** The problem, as the rest of a sentence that begins with the subject. */
  readonly problem: string;
  /** What a repair does; `undefined` when a person must decide. */
  readonly remedy: string | undefined;
  /** What a person can do; `undefined` when a repair does everything. */
  readonly advice: string | undefined;
  /** The storage cannot be opened for changes before a person has acted. */
  readonly blocks: boolean;
}

/** Makes a finding of a kind. `advice` replaces that of the kind. */
export function finding(
  code: StorageFindingCode,
  subject: string,
  problem: string,
  advice: string | undefined = KINDS[code].advice,
): StorageFinding {
  const { remedy, blocks = false } = KINDS[code];
  return { code, subject, problem, remedy, advice, blocks };
}
