// What of a tar could not be unpacked and was left out.

/** Extended attributes of one name that could not be set, all for the same reason. */
export interface LeftOutXattr {
  /** `'com.apple.provenance'`; U+FFFD stands for bytes that are not UTF-8. */
  readonly name: string;
  /** The system's reason, `'ENOTSUP'` for example. */
  readonly code: string;
  /** How many entries have it. */
  readonly count: number;
  /** The path of the first of them, as the tar has it. */
  readonly path: string;
}

const toText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();

/** Takes note of what is left out, once for each kind. */
export class LeftOut {
  readonly #kinds = new Map<string, LeftOutXattr>();
  /** The entry that is being unpacked, one byte a character. */
  path = '';

  /** An attribute that could not be set, one byte a character. */
  add(name: string, { code = 'unknown' }: NodeJS.ErrnoException): void {
    const kind = `${code} ${name}`;
    const { count = 0, path = toText(this.path) } = this.#kinds.get(kind) ?? {};
    this.#kinds.set(kind, { name: toText(name), code, count: count + 1, path });
  }

  /** All kinds, in the order of their first entries. */
  xattrs(): readonly LeftOutXattr[] {
    return [...this.#kinds.values()];
  }
}
