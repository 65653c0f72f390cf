// A key that goes to the kernel and nowhere else: printing it, by whatever means, prints its size.

import { inspect } from 'node:util';
import { InputError } from './errors.ts';

/** A key that the kernel keeps in a keyring: the table only names it. */
export interface KeyringKey {
  /** Size of the key in bytes; the kernel refuses any other. */
  readonly size: number;
  /** The kernel's key type. `logon` keys cannot be read back by anybody. */
  readonly type: 'logon' | 'user' | 'encrypted' | 'trusted';
  /** Its description, without blanks: `'cryptsetup:6b0f-d0'`. */
  readonly description: string;
}

const KEY_TYPES = ['logon', 'user', 'encrypted', 'trusted'] as const;
const HEX_DIGITS = '0123456789abcdef';
const KEY_SIZE_MAX = 65_535;
const KEYRING_WORD = /^:(\d{1,5}):([a-z]+):([!-~]+)$/;

/**
 * A key of a crypt, inlinecrypt or integrity target. As text, JSON or in a debugger it is
 * `[key of 32 bytes]`; only `reveal` gives it away. What it is made from is never part of an error.
 */
export class SecretKey {
  readonly #bytes: Buffer | undefined;
  readonly #keyring: KeyringKey | undefined;

  private constructor(bytes: Buffer | undefined, keyring: KeyringKey | undefined) {
    this.#bytes = bytes;
    this.#keyring = keyring;
  }

  /** A key from its bytes, which are copied: wipe yours. @throws InputError */
  static fromBytes(bytes: Uint8Array): SecretKey {
    if (!(bytes instanceof Uint8Array) || bytes.length > KEY_SIZE_MAX) {
      throw new InputError({ field: 'key', expected: `a Buffer of 0 to ${KEY_SIZE_MAX} bytes` });
    }
    return new SecretKey(Buffer.from(bytes), undefined);
  }

  /** A key from hexadecimal digits, two a byte; `'-'` is the empty key. @throws InputError */
  static fromHex(hex: string): SecretKey {
    if (typeof hex !== 'string' || !/^(-|(?:[0-9a-f]{2})+)$/i.test(hex)) {
      throw new InputError({ field: 'key', expected: 'hexadecimal digits, two a byte, or "-"' });
    }
    return SecretKey.fromBytes(hex === '-' ? Buffer.alloc(0) : Buffer.from(hex, 'hex'));
  }

  /** A key that is in a keyring of the kernel's. @throws InputError naming the field */
  static inKeyring(key: KeyringKey): SecretKey {
    if (typeof key !== 'object' || key === null) {
      throw new InputError({ field: 'key', expected: 'size, type and description of a key' });
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

  /** The key that a word of a table is: hexadecimal, `-`, or `:SIZE:TYPE:DESCRIPTION`. @throws InputError */
  static fromWord(word: string): SecretKey {
    if (typeof word !== 'string' || !word.startsWith(':')) return SecretKey.fromHex(word);
    const [, size = '', type = '', description = ''] = KEYRING_WORD.exec(word) ?? [];
    return SecretKey.inKeyring({
      size: Number(size),
      type: type as KeyringKey['type'],
      description,
    });
  }

  /** Its size in bytes. */
  get size(): number {
    return this.#keyring ? this.#keyring.size : this.#bytes!.length;
  }

  /** Where in the kernel it is; `undefined` for a key whose bytes are here. */
  get keyring(): KeyringKey | undefined {
    return this.#keyring;
  }

  /** The word that the kernel takes, **the key itself** in hexadecimal unless it is in a keyring. */
  reveal(): string {
    if (this.#keyring) {
      const { size, type, description } = this.#keyring;
      return `:${size}:${type}:${description}`;
    }
    return this.size === 0 ? '-' : this.#bytes!.toString('hex');
  }

  /** Write the bytes as hexadecimal digits into `target`, without a string between; gives how many digits. */
  writeHex(target: Uint8Array, at: number): number {
    let to = at;
    for (const byte of this.#bytes ?? []) {
      target[to++] = HEX_DIGITS.charCodeAt(byte >> 4);
      target[to++] = HEX_DIGITS.charCodeAt(byte & 15);
    }
    return to - at;
  }

  /** Whether both are the same key. */
  equals(other: SecretKey): boolean {
    return this.reveal() === checkKey(other, 'other').reveal();
  }

  /** Overwrite the bytes with zeros, once no table is to be made of it any more. */
  wipe(): void {
    this.#bytes?.fill(0);
  }

  /** `[key of 32 bytes]` */
  toString(): string {
    const where = this.#keyring ? ` in the ${this.#keyring.type} keyring` : '';
    return `[key of ${this.size} bytes${where}]`;
  }

  /** As `toString`. */
  toJSON(): string {
    return this.toString();
  }
}
// What console.log and util.inspect print.
Object.defineProperty(SecretKey.prototype, inspect.custom, {
  value(this: SecretKey): string {
    return this.toString();
  },
});

/** A value that must be a key: what came instead may be one in the clear, and is not shown. @throws InputError */
export function checkKey(key: SecretKey, field: string): SecretKey {
  if (key instanceof SecretKey) return key;
  throw new InputError({ field, expected: 'a SecretKey, such as SecretKey.fromHex gives' });
}
