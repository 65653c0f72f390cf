// A line of a table whose parameters hold a key: what is printed of it shows zeros.

import { inspect } from 'node:util';
import { hideKeys } from './secrets.ts';
import type { TableLine } from './table.ts';

/**
 * The line with `toJSON` and `util.inspect.custom`, which show zeros in place of the key. `params` is the text as the
 * kernel gives it. A copy by spread has neither.
 */
export function hiddenLine<T extends TableLine>(line: T): T {
  const shown = hideKeys({ ...line });
  if (shown.params === line.params) return line;
  return Object.defineProperties(line, {
    toJSON: { value: (): T => shown },
    [inspect.custom]: { value: (): T => shown },
  });
}
