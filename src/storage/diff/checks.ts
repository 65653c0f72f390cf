// What the functions of this folder take.

import { checkFields, type FieldChecks, isFunction, isPath, isSignal } from '../../ioctl/checks.ts';
import type { DiffOptions } from './pack.ts';

/** Options of packing and unpacking. */
export const DIFF: FieldChecks<DiffOptions> = { signal: isSignal, onProgress: isFunction };

/** Two directory trees, of which the lower may be left out, and options. @throws InputError */
export function checkTrees(upper: string, lower: string | undefined, options: DiffOptions): void {
  isPath(upper, 'upper');
  if (lower !== undefined) isPath(lower, 'lower');
  checkFields(options, DIFF);
}
