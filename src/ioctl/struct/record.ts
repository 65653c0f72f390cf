// Codecs for C structs of a fixed layout, described as a table of fields. Integers are in the byte order of this
// machine, like the kernel's.

import { endianness } from 'node:os';

/** Whether this machine is little-endian. */
export const LITTLE: boolean = endianness() === 'LE';

/** One field of a struct: its place, and the conversion of its bytes in both directions. */
export interface Field<T> {
  readonly offset: number;
  readonly size: number;
  read(bytes: DataView, offset: number): T;
  /** @throws RangeError naming the field, the expected and the received value */
  write(bytes: DataView, offset: number, value: T, name: string): void;
}

/** The fields of a struct by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The decoded value of a struct with the fields `F`. */
export type RecordOf<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** A C struct: its size in bytes, the offset of each field, and the conversion in both directions. */
export interface RecordCodec<T> {
  readonly name: string;
  readonly size: number;
  readonly offsets: { readonly [K in keyof T]: number };
  /** Encodes a value into a new, zeroed Buffer. @throws RangeError naming the field that does not fit */
  readonly encode: (value: T) => Buffer;
  /** Encodes a value into `target` at `at`; bytes between fields stay unchanged. */
  readonly encodeInto: (value: T, target: Uint8Array, at?: number) => void;
  /** Decodes the struct at `at`. @throws RangeError if `source` is too short */
  readonly decode: (source: Uint8Array, at?: number) => T;
}

export function integer(value: number, low: number, high: number, name: string): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`${name}: expected an integer from ${low} to ${high}, got ${value}`);
  }
  return value;
}

/** An unsigned 16-bit integer. */
export const u16 = (offset: number): Field<number> => ({
  offset,
  size: 2,
  read: (bytes, at) => bytes.getUint16(at, LITTLE),
  write: (bytes, at, value, name) => bytes.setUint16(at, integer(value, 0, 0xffff, name), LITTLE),
});

/** A signed 16-bit integer. */
export const i16 = (offset: number): Field<number> => ({
  offset,
  size: 2,
  read: (bytes, at) => bytes.getInt16(at, LITTLE),
  write: (bytes, at, value, name) =>
    bytes.setInt16(at, integer(value, -0x8000, 0x7fff, name), LITTLE),
});

/** An unsigned 32-bit integer. */
export const u32 = (offset: number, little: boolean = LITTLE): Field<number> => ({
  offset,
  size: 4,
  read: (bytes, at) => bytes.getUint32(at, little),
  write: (bytes, at, value, name) =>
    bytes.setUint32(at, integer(value, 0, 0xffffffff, name), little),
});

/** `__le32`: little-endian on every machine, as on disks. */
export const le32 = (offset: number): Field<number> => u32(offset, true);

/** A signed 32-bit integer. */
export const i32 = (offset: number): Field<number> => ({
  offset,
  size: 4,
  read: (bytes, at) => bytes.getInt32(at, LITTLE),
  write: (bytes, at, value, name) =>
    bytes.setInt32(at, integer(value, -0x80000000, 0x7fffffff, name), LITTLE),
});

/** The largest unsigned 64-bit integer. */
export const U64_MAX: bigint = 2n ** 64n - 1n;

/** An unsigned 64-bit integer, always a bigint. */
export const u64 = (offset: number, little: boolean = LITTLE): Field<bigint> => ({
  offset,
  size: 8,
  read: (bytes, at) => bytes.getBigUint64(at, little),
  write: (bytes, at, value, name) => {
    if (typeof value !== 'bigint' || value < 0n || value > U64_MAX) {
      throw new RangeError(`${name}: expected a bigint from 0 to ${U64_MAX}, got ${String(value)}`);
    }
    bytes.setBigUint64(at, value, little);
  },
});

/** `__le64`: little-endian on every machine, as on disks. */
export const le64 = (offset: number): Field<bigint> => u64(offset, true);

/**
 * A NUL-terminated `char[size]`, with one character per byte (latin1), which preserves every byte.
 * Reading stops at the first NUL or at the end of the array.
 */
export const chars = (offset: number, size: number): Field<string> => ({
  offset,
  size,
  read: (bytes, at) => {
    const field = Buffer.from(bytes.buffer, bytes.byteOffset + at, size);
    const end = field.indexOf(0);
    return field.toString('latin1', 0, end === -1 ? size : end);
  },
  write: (bytes, at, value, name) => {
    const encoded = Buffer.from(value, 'latin1');
    if (encoded.length >= size || encoded.includes(0) || encoded.toString('latin1') !== value) {
      throw new RangeError(
        `${name}: expected at most ${size - 1} bytes without NUL, got ${JSON.stringify(value)}`,
      );
    }
    Buffer.from(bytes.buffer, bytes.byteOffset + at, size)
      .fill(0)
      .set(encoded);
  },
});

/** Three unsigned 32-bit integers: a version. */
export const version = (offset: number): Field<readonly [number, number, number]> => {
  const parts = [u32(0), u32(4), u32(8)] as const;
  return {
    offset,
    size: 12,
    read: (bytes, at) => [
      parts[0].read(bytes, at),
      parts[1].read(bytes, at + 4),
      parts[2].read(bytes, at + 8),
    ],
    write: (bytes, at, value, name) => {
      parts.forEach((part, i) => {
        part.write(bytes, at + 4 * i, value[i]!, `${name}[${i}]`);
      });
    },
  };
};

/**
 * The codec of a C struct of `size` bytes.
 * @throws RangeError if fields overlap or exceed `size`: a mistake in the description
 */
export function record<F extends Fields>(
  name: string,
  size: number,
  fields: F,
): RecordCodec<RecordOf<F>> {
  const entries = Object.entries(fields);
  let end = 0;
  for (const [key, field] of entries.toSorted(([, a], [, b]) => a.offset - b.offset)) {
    if (field.offset < end || field.offset + field.size > size) {
      throw new RangeError(`${name}.${key}: overlaps another field or the end of the struct`);
    }
    end = field.offset + field.size;
  }

  const view = (bytes: Uint8Array, at: number): DataView => {
    if (at < 0 || at + size > bytes.length) {
      throw new RangeError(
        `${name}: expected ${size} bytes at offset ${at}, got a buffer of ${bytes.length}`,
      );
    }
    return new DataView(bytes.buffer, bytes.byteOffset + at, size);
  };
  const encodeInto = (value: RecordOf<F>, target: Uint8Array, at = 0): void => {
    const bytes = view(target, at);
    for (const [key, field] of entries) {
      field.write(bytes, field.offset, value[key as keyof F], `${name}.${key}`);
    }
  };
  return {
    name,
    size,
    offsets: Object.fromEntries(entries.map(([key, field]) => [key, field.offset])) as {
      [K in keyof F]: number;
    },
    encodeInto,
    encode: (value) => {
      const target = Buffer.alloc(size);
      encodeInto(value, target);
      return target;
    },
    decode: (source, at = 0) => {
      const bytes = view(source, at);
      return Object.fromEntries(
        entries.map(([key, field]) => [key, field.read(bytes, field.offset)]),
      ) as RecordOf<F>;
    },
  };
}
