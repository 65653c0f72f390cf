// What can be done to a device mapper, as data: a sequence of steps is a test.

/**
 * A device as a step names it. Those that are picked are found in the list as it is by then: the `pick`th
 * device, by its name or number, or the `busy`th
 * of those that are open, or the `pool`th of those that are thin pools.
 */
export type Ref =
  | { readonly name: string }
  | { readonly uuid: string }
  | { readonly minor: number }
  | { readonly pick: number; readonly by: 'name' | 'minor' | 'uuid' }
  | { readonly busy: number }
  | { readonly pool: number };

/**
 * One target of a table. In its parameters `$data0` and `$meta0` are disks, `$dm0` is the device of minor 0
 * by its number, and `/dev/dm-0` the same by its node; `$pick0` is the first device there is, `$pool0` the
 * first thin pool.
 */
export interface Line {
  readonly start?: number;
  readonly length: number;
  readonly type: string;
  readonly params: string;
}

/** Something done, or asked. In the text of a message `$active0` is the first thin id that a table is about. */
export type Step =
  | {
      readonly do: 'create';
      readonly name: string;
      readonly uuid?: string;
      readonly minor?: number;
      readonly table?: readonly Line[];
    }
  | {
      readonly do: 'load' | 'reload';
      readonly ref: Ref;
      readonly table: readonly Line[];
      readonly readOnly: boolean;
    }
  | { readonly do: 'suspend' | 'resume'; readonly ref: Ref; readonly noFlush: boolean }
  | { readonly do: 'clear' | 'cancel'; readonly ref: Ref }
  | { readonly do: 'rename'; readonly ref: Ref; readonly to: string }
  | { readonly do: 'setUuid'; readonly ref: Ref; readonly uuid: string }
  | {
      readonly do: 'remove';
      readonly ref: Ref;
      readonly deferred: boolean;
      readonly force: boolean;
    }
  | { readonly do: 'removeAll'; readonly deferred: boolean }
  | { readonly do: 'message'; readonly ref: Ref; readonly text: string; readonly sector: number }
  | { readonly do: 'geometry'; readonly ref: Ref; readonly start: number }
  | {
      readonly do: 'info' | 'status' | 'table' | 'deps';
      readonly ref: Ref;
      readonly inactive: boolean;
    }
  | { readonly do: 'wait'; readonly ref: Ref }
  | { readonly do: 'hold' | 'release'; readonly ref: Ref };

/** Steps that change something even where they fail: a resume drops the table it cannot take. */
export const HALF_DONE: readonly Step['do'][] = ['resume', 'reload', 'remove'];
/** Steps that change nothing. */
export const QUERIES: readonly Step['do'][] = ['info', 'status', 'table', 'deps', 'wait'];

function refText(ref: Ref): string {
  if ('name' in ref) return ref.name;
  return Object.entries(ref)
    .map((entry) => entry.join(' '))
    .join(' ');
}

const tableText = (table: readonly Line[]): string =>
  `[${table.map(({ start, length, type, params }) => [start ?? '+', length, type, params].join(' ').trim()).join('; ')}]`;

/** A step as it is read in a report: `load a [+ 8 zero]`. */
export function stepText(one: Step): string {
  const words: string[] = [one.do];
  if ('ref' in one) words.push(refText(one.ref));
  for (const [key, value] of Object.entries(one)) {
    if (key === 'do' || key === 'ref' || value === false || value === undefined) continue;
    if (key === 'table') words.push(tableText(value));
    else if (value === true) words.push(key);
    else words.push(key === 'name' ? value : `${key}=${value}`);
  }
  return words.join(' ');
}
