// Extended attributes of a tar that were left out.

/** Extended attributes with the same name that could not be set for the same reason. */
export interface LeftOutXattr {
  /** `'com.apple.provenance'`. U+FFFD replaces bytes that are not UTF-8. */
  readonly name: string;
  /** The errno, for example `'ENOTSUP'`. */
  readonly code: string;
  /** How many entries have it. */
  readonly count: number;
  /** The path of the first of them in the tar. */
  readonly path: string;
}

const toText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();

/** Records what is left out, once for each name and reason. */
export class LeftOut {
  readonly #kinds = new Map<string, LeftOutXattr>();
  /** The path of the current entry, one byte per character. */
  path = '';

  /** Records an attribute that could not be set. `name` has one byte per character. */
  add(name: string, { code = 'unknown' }: NodeJS.ErrnoException): void {
    const kind = `${code} ${name}`;
    const { count = 0, path = toText(this.path) } = this.#kinds.get(kind) ?? {};
    this.#kinds.set(kind, { name: toText(name), code, count: count + 1, path });
  }

  /** All that was left out, in the order of the first entries. */
  xattrs(): readonly LeftOutXattr[] {
    return [...this.#kinds.values()];
  }
}
