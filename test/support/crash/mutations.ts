// Mutations: faults that are put into the library on purpose. A test that claims to prove crash safety must fail on each.

/** One fault: a replacement in a compiled file. */
export interface Mutation {
  /** The fault, in words. */
  readonly fault: string;
  /** The file, relative to the compiled `src`. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly text: string;
  readonly replacement: string;
}

/** The name of a mutation. */
export type MutationName =
  | 'no-resume'
  | 'late-intent'
  | 'no-proof'
  | 'no-directory-sync'
  | 'no-content-sync';

/** The mutations by name. */
export const MUTATIONS: Readonly<Record<MutationName, Mutation>> = {
  'no-resume': {
    fault: 'the recovery does not resume suspended devices',
    file: 'storage/layers/devices.js',
    text: 'await dm.resume(name)',
    replacement: 'await undefined',
  },
  'late-intent': {
    fault: 'the intent is written after the message to the pool',
    file: 'storage/directory/transactions.js',
    text: `intent: () => records.writeTransaction(intended),
            record,`,
    replacement: `intent: async () => undefined,
            record: async () => {
                await records.writeTransaction(intended);
                await record();
            },`,
  },
  'no-proof': {
    fault: 'a roll back deletes a thin device that is not proven to belong to the transaction',
    file: 'storage/lifecycle/roll-back.js',
    text: 'if (!isProven(pending, record, census))',
    replacement: 'if (false)',
  },
  'no-directory-sync': {
    fault: 'a directory is not synced after a file in it is replaced or removed',
    file: 'storage/directory/durable-file.js',
    text: 'return this.#handle.sync();',
    replacement: 'return Promise.resolve();',
  },
  'no-content-sync': {
    fault: 'the content of a layer is not synced after a tar is unpacked into it',
    file: 'storage/layers/layer-diff.js',
    text: 'await syncFilesystem(content, options);',
    replacement: 'await undefined;',
  },
};
