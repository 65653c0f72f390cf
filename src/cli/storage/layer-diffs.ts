// The methods of DevicemapperStorage that "changes", "diff" and "apply" use.

import type { Readable } from 'node:stream';
import type { CallOptions } from '../../dm/options.ts';
import type { Change } from '../../storage/diff/changes.ts';
import type { DevicemapperStorage } from '../../storage/storage.ts';

/** Layers compared, and as tar streams. */
export interface LayerDiffs {
  readonly changes: (id: string, parent?: string) => AsyncGenerator<Change>;
  readonly diff: (id: string, parent?: string) => Promise<Readable>;
  readonly diffSize: (id: string, parent?: string) => Promise<bigint>;
  readonly apply: (
    id: string,
    parent: string | undefined,
    tar: Readable,
    options?: CallOptions,
  ) => Promise<{ readonly bytes: bigint }>;
}

/** They are methods of it. */
export const diffsOf = (storage: DevicemapperStorage): LayerDiffs =>
  storage as DevicemapperStorage & LayerDiffs;
