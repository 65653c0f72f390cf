// Operations of a device mapper as data. A sequence of these steps is a test.

/**
 * A reference of a step to a device: by name, or picked from the list at the time of the step: the `pick`th device (by
 * its name or number), the `busy`th open device, or the `pool`th thin pool.
 */
export type Ref =
  | { readonly name: string }
  | { readonly uuid: string }
  | { readonly minor: number }
  | { readonly pick: number; readonly by: 'name' | 'minor' | 'uuid' }
  | { readonly busy: number }
  | { readonly pool: number };

/**
 * One target of a table. In its parameters `$data0` and `$meta0` are disks, `$dm0` is the device with minor 0 by its
 * number, and `/dev/dm-0` the same device by its node; `$pick0` is the first device, `$pool0` the first thin pool.
 */
export interface Line {
  readonly start?: number;
  readonly length: number;
  readonly type: string;
  readonly params: string;
}

/** A change or a query. In the text of a message `$active0` is the first thin id in a table. */
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

/** Steps that change something even if they fail: a failed resume drops the inactive table. */
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

/** A step as text for reports: `load a [+ 8 zero]`. */
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
