// Shows the progress of an import or an export on a terminal.

import { formatSize } from '../../dm/text/size.ts';
import type { VolumeProgress } from '../../volumes/config/options.ts';
import { percentText } from '../support/bar.ts';
import type { Io } from '../support/io.ts';

const EVERY_MS = 100;

/** The option `onProgress` on a terminal, and no option elsewhere. @param verb `'imported'` */
export function progressOf({ stderr }: Io, verb: string): { readonly onProgress?: VolumeProgress } {
  if (!(stderr.isTTY ?? false)) return {};
  let next = Number.NEGATIVE_INFINITY;
  return {
    onProgress: (used: bigint, total: bigint) => {
      if (used < total && performance.now() < next) return;
      next = performance.now() + EVERY_MS;
      const end = used === total ? '\n' : '';
      stderr.write(`\r${verb} ${percentText({ used, total })} of ${formatSize(total)}${end}`);
    },
  };
}
