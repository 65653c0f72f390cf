// A key that is sent only to the kernel. Printing it shows only its size.

import { inspect } from 'node:util';
import { InputError } from '../wire/errors.ts';

/** A key in a keyring of the kernel. The table only names it. */
export interface KeyringKey {
  /** Size in bytes. The kernel rejects a key of another size. */
  readonly size: number;
  /** The kernel's key type. User space cannot read `logon` keys. */
  readonly type: 'logon' | 'user' | 'encrypted' | 'trusted';
  /** The description, without blanks: `'cryptsetup:6b0f-d0'`. */
  readonly description: string;
}

const KEY_TYPES = ['logon', 'user', 'encrypted', 'trusted'] as const;
const HEX_DIGITS = '0123456789abcdef';
const KEY_SIZE_MAX = 65_535;
const KEYRING_WORD = /^:(\d{1,5}):([a-z]+):([!-~]+)$/;

/**
 * A key of a crypt, inlinecrypt or integrity target. As text, JSON or in a debugger it is
 * `[key of 32 bytes]`; only `reveal` returns it. Errors never contain the input.
 */
export class SecretKey {
  readonly #bytes: Buffer | undefined;
  readonly #keyring: KeyringKey | undefined;

  private constructor(bytes: Buffer | undefined, keyring: KeyringKey | undefined) {
    // A program in JavaScript can call a private constructor.
    if (!Buffer.isBuffer(bytes) && keyring === undefined) {
      throw new InputError({
        field: 'key',
        expected: 'a key of SecretKey.fromBytes, fromHex or inKeyring',
      });
    }
    this.#bytes = bytes;
    this.#keyring = keyring;
  }

  /** Creates a key from a copy of the bytes. The caller wipes the original. @throws InputError */
  static fromBytes(bytes: Uint8Array): SecretKey {
    if (!(bytes instanceof Uint8Array) || bytes.length > KEY_SIZE_MAX) {
      throw new InputError({ field: 'key', expected: `a Buffer of 0 to ${KEY_SIZE_MAX} bytes` });
    }
    return new SecretKey(Buffer.from(bytes), undefined);
  }

  /** Creates a key from hexadecimal digits, two per byte; `'-'` is the empty key. @throws InputError */
  static fromHex(hex: string): SecretKey {
    if (typeof hex !== 'string' || !/^(-|(?:[0-9a-f]{2})+)$/i.test(hex)) {
      throw new InputError({ field: 'key', expected: 'hexadecimal digits, two per byte, or "-"' });
    }
    return SecretKey.fromBytes(hex === '-' ? Buffer.alloc(0) : Buffer.from(hex, 'hex'));
  }

  /** References a key in a keyring of the kernel. @throws InputError that names the field */
  static inKeyring(key: KeyringKey): SecretKey {
    if (typeof key !== 'object' || key === null) {
      throw new InputError({ field: 'key', expected: 'an object with size, type and description' });
    }
    const { size, type, description } = key;
    const demand = (holds: boolean, field: string, expected: string): void => {
      if (!holds) throw new InputError({ field: `key.${field}`, expected });
    };
    demand(
      Number.isInteger(size) && size >= 1 && size <= KEY_SIZE_MAX,
      'size',
      `an integer from 1 to ${KEY_SIZE_MAX}`,
    );
    demand(KEY_TYPES.includes(type), 'type', KEY_TYPES.join(' or '));
    demand(
      typeof description === 'string' && /^[!-~]+$/.test(description),
      'description',
      'printable ASCII without blanks',
    );
    return new SecretKey(undefined, { size, type, description });
  }

  /** Parses the key in a table: hexadecimal, `-`, or `:SIZE:TYPE:DESCRIPTION`. @throws InputError */
  static fromWord(word: string): SecretKey {
    if (typeof word !== 'string' || !word.startsWith(':')) return SecretKey.fromHex(word);
    const [, size = '', type = '', description = ''] = KEYRING_WORD.exec(word) ?? [];
    return SecretKey.inKeyring({
      size: Number(size),
      type: type as KeyringKey['type'],
      description,
    });
  }

  /** The size in bytes. */
  get size(): number {
    return this.#keyring ? this.#keyring.size : this.#bytes!.length;
  }

  /** The place in the kernel's keyring; `undefined` for a key in memory. */
  get keyring(): KeyringKey | undefined {
    return this.#keyring;
  }

  /** The word in a table: **the key itself** in hexadecimal, or its reference in the keyring. */
  reveal(): string {
    if (this.#keyring) {
      const { size, type, description } = this.#keyring;
      return `:${size}:${type}:${description}`;
    }
    return this.size === 0 ? '-' : this.#bytes!.toString('hex');
  }

  /** Writes the bytes as hexadecimal digits into `target`, without an intermediate string. Returns the digit count. */
  writeHex(target: Uint8Array, at: number): number {
    let to = at;
    for (const byte of this.#bytes ?? []) {
      target[to++] = HEX_DIGITS.charCodeAt(byte >> 4);
      target[to++] = HEX_DIGITS.charCodeAt(byte & 15);
    }
    return to - at;
  }

  /** Whether both keys are equal. */
  equals(other: SecretKey): boolean {
    return this.reveal() === checkKey(other, 'other').reveal();
  }

  /** Overwrites the bytes with zeros. The key cannot be used afterwards. */
  wipe(): void {
    this.#bytes?.fill(0);
  }

  /** `[key of 32 bytes]` */
  toString(): string {
    const where = this.#keyring ? ` in the ${this.#keyring.type} keyring` : '';
    return `[key of ${this.size} bytes${where}]`;
  }

  /** The same as `toString`. */
  toJSON(): string {
    return this.toString();
  }
}
// The output of console.log and util.inspect.
Object.defineProperty(SecretKey.prototype, inspect.custom, {
  value(this: SecretKey): string {
    return this.toString();
  },
});

/** Requires a `SecretKey`. The error does not show the value, which may be a key in plain text. @throws InputError */
export function checkKey(key: SecretKey, field: string): SecretKey {
  if (key instanceof SecretKey) return key;
  throw new InputError({ field, expected: 'a SecretKey, for example from SecretKey.fromHex' });
}
