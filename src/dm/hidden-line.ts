// A table line with a key in its parameters. Printing it shows zeros.

import { inspect } from 'node:util';
import { hideKeys } from './secrets.ts';
import type { TableLine } from './table.ts';

/**
 * Adds `toJSON` and `util.inspect.custom` to the line, which show zeros instead of the key. `params` stays the kernel's
 * text. A copy by spread has neither method.
 */
export function hiddenLine<T extends TableLine>(line: T): T {
  const shown = hideKeys({ ...line });
  if (shown.params === line.params) return line;
  return Object.defineProperties(line, {
    toJSON: { value: (): T => shown },
    [inspect.custom]: { value: (): T => shown },
  });
}
