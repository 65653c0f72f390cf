// Codecs for C structs of a fixed layout, described as a table of fields. Integers are in the byte order of this
// machine, like the kernel's.

import { endianness } from 'node:os';

/** Whether this machine is little-endian. */
export const LITTLE: boolean = endianness() === 'LE';

/** Bytes with C structs in them. `bytes` is for texts, and `view` is for integers. */
export interface Memory {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** The memory of `source`, for any number of structs in it. */
export const memoryOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Memory => ({
  bytes: Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength),
  view: new DataView(buffer, byteOffset, byteLength),
});

/** One field of a struct: its place, and the conversion of its bytes in both directions. The struct begins at `at`. */
export interface Field<T> {
  readonly offset: number;
  readonly size: number;
  read(memory: Memory, at: number): T;
  /** @throws RangeError naming the field, the expected and the received value */
  write(memory: Memory, at: number, value: T, name: string): void;
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
  /** The fields, for code that reads only some of them. The caller checks that the struct is inside the memory. */
  readonly fields: { readonly [K in keyof T]: Field<T[K]> };
  /** Encodes a value into a new, zeroed Buffer. @throws RangeError naming the field that does not fit */
  readonly encode: (value: T) => Buffer;
  /** Encodes a value into `target` at `at`; bytes between fields stay unchanged. */
  readonly encodeInto: (value: T, target: Uint8Array | Memory, at?: number) => void;
  /** Decodes the struct at `at`. @throws RangeError if `source` is too short */
  readonly decode: (source: Uint8Array | Memory, at?: number) => T;
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
  read: ({ view }, at) => view.getUint16(at + offset, LITTLE),
  write: ({ view }, at, value, name) =>
    view.setUint16(at + offset, integer(value, 0, 0xffff, name), LITTLE),
});

/** A signed 16-bit integer. */
export const i16 = (offset: number): Field<number> => ({
  offset,
  size: 2,
  read: ({ view }, at) => view.getInt16(at + offset, LITTLE),
  write: ({ view }, at, value, name) =>
    view.setInt16(at + offset, integer(value, -0x8000, 0x7fff, name), LITTLE),
});

/** An unsigned 32-bit integer. */
export const u32 = (offset: number, little: boolean = LITTLE): Field<number> => ({
  offset,
  size: 4,
  read: ({ view }, at) => view.getUint32(at + offset, little),
  write: ({ view }, at, value, name) =>
    view.setUint32(at + offset, integer(value, 0, 0xffffffff, name), little),
});

/** `__le32`: little-endian on every machine, as on disks. */
export const le32 = (offset: number): Field<number> => u32(offset, true);

/** A signed 32-bit integer. */
export const i32 = (offset: number): Field<number> => ({
  offset,
  size: 4,
  read: ({ view }, at) => view.getInt32(at + offset, LITTLE),
  write: ({ view }, at, value, name) =>
    view.setInt32(at + offset, integer(value, -0x80000000, 0x7fffffff, name), LITTLE),
});

/** The largest unsigned 64-bit integer. */
export const U64_MAX: bigint = 2n ** 64n - 1n;

/** An unsigned 64-bit integer, always a bigint. */
export const u64 = (offset: number, little: boolean = LITTLE): Field<bigint> => ({
  offset,
  size: 8,
  read: ({ view }, at) => view.getBigUint64(at + offset, little),
  write: ({ view }, at, value, name) => {
    if (typeof value !== 'bigint' || value < 0n || value > U64_MAX) {
      throw new RangeError(`${name}: expected a bigint from 0 to ${U64_MAX}, got ${String(value)}`);
    }
    view.setBigUint64(at + offset, value, little);
  },
});

/** `__le64`: little-endian on every machine, as on disks. */
export const le64 = (offset: number): Field<bigint> => u64(offset, true);

/** A text with one character per byte, without NUL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: bytes are not only printable characters
const BYTES = /^[\x01-\xff]*$/;

/**
 * A NUL-terminated `char[size]`, with one character per byte (latin1), which preserves every byte.
 * Reading stops at the first NUL or at the end of the array.
 */
export const chars = (offset: number, size: number): Field<string> => ({
  offset,
  size,
  read: ({ bytes }, at) => {
    const [start, end] = [at + offset, at + offset + size];
    const nul = bytes.indexOf(0, start);
    return bytes.toString('latin1', start, nul === -1 ? end : Math.min(nul, end));
  },
  write: ({ bytes }, at, value, name) => {
    if (value.length >= size || !BYTES.test(value)) {
      throw new RangeError(
        `${name}: expected at most ${size - 1} bytes without NUL, got ${JSON.stringify(value)}`,
      );
    }
    const start = at + offset;
    for (let i = 0; i < value.length; i++) bytes[start + i] = value.charCodeAt(i);
    for (let i = value.length; i < size; i++) bytes[start + i] = 0;
  },
});

/** Three unsigned 32-bit integers: a version. */
export const version = (offset: number): Field<readonly [number, number, number]> => {
  const parts = [u32(offset), u32(offset + 4), u32(offset + 8)] as const;
  return {
    offset,
    size: 12,
    read: (memory, at) => [
      parts[0].read(memory, at),
      parts[1].read(memory, at),
      parts[2].read(memory, at),
    ],
    write: (memory, at, value, name) => {
      parts.forEach((part, i) => {
        part.write(memory, at, value[i]!, `${name}[${i}]`);
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
  const members = Object.entries(fields).map(([key, field]) => ({
    key,
    field,
    label: `${name}.${key}`,
  }));
  let end = 0;
  for (const { field, label } of members.toSorted((a, b) => a.field.offset - b.field.offset)) {
    if (field.offset < end || field.offset + field.size > size) {
      throw new RangeError(`${label}: overlaps another field or the end of the struct`);
    }
    end = field.offset + field.size;
  }

  const inside = (target: Uint8Array | Memory, at: number): Memory => {
    const { length } = target instanceof Uint8Array ? target : target.bytes;
    if (at < 0 || at + size > length) {
      throw new RangeError(
        `${name}: expected ${size} bytes at offset ${at}, got a buffer of ${length}`,
      );
    }
    return target instanceof Uint8Array ? memoryOf(target) : target;
  };
  const encodeInto = (value: RecordOf<F>, target: Uint8Array | Memory, at = 0): void => {
    const memory = inside(target, at);
    for (const { key, field, label } of members) {
      field.write(memory, at, value[key as keyof F], label);
    }
  };
  return {
    name,
    size,
    offsets: Object.fromEntries(members.map(({ key, field }) => [key, field.offset])) as {
      [K in keyof F]: number;
    },
    fields: fields as { readonly [K in keyof F]: Field<RecordOf<F>[K]> },
    encodeInto,
    encode: (value) => {
      const target = Buffer.alloc(size);
      encodeInto(value, target);
      return target;
    },
    decode: (source, at = 0) => {
      const memory = inside(source, at);
      const value: Record<string, unknown> = {};
      for (const { key, field } of members) value[key] = field.read(memory, at);
      return value as RecordOf<F>;
    },
  };
}
