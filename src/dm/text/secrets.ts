// Hides the keys in the tables and messages of some targets.

import { inspect } from 'node:util';
import { isObject } from '../../ioctl/input/checks.ts';
import { SecretText } from './secret-text.ts';

/** Replaces a key with zeros, as dmsetup does. A reference to the kernel's keyring (`:32:logon:name`) is not secret. */
const hidden = (key: string): string =>
  key === '-' || key.startsWith(':') ? key : '0'.repeat(key.length);

/** crypt and inlinecrypt: `cipher key iv_offset …`, separated by any number of blanks. */
const hideKeyWord = (params: string): string =>
  params.replace(
    /^(\s*\S+\s+)(\S+)/,
    (_, cipher: string, key: string) => `${cipher}${hidden(key)}`,
  );

/** integrity: `internal_hash:ALGORITHM:KEY`, `journal_crypt:…` and `journal_mac:…` */
const hideAlgorithmKeys = (params: string): string =>
  params.replace(
    /\b(internal_hash|journal_crypt|journal_mac):([^:\s]+):(\S+)/g,
    (_, option: string, algorithm: string, key: string) =>
      `${option}:${algorithm}:${'0'.repeat(key.length)}`,
  );

const HIDERS: ReadonlyMap<string, (params: string) => string> = new Map([
  ['crypt', hideKeyWord],
  ['inlinecrypt', hideKeyWord],
  ['integrity', hideAlgorithmKeys],
]);

/** Returns the line with zeros for every key in its parameters. */
export const hideKeys = <T extends { readonly type: string; readonly params: string | SecretText }>(
  line: T,
): T => {
  isObject(line, 'line');
  const hide = HIDERS.get(line.type);
  // A SecretText hides its keys itself.
  return hide && typeof line.params === 'string' ? { ...line, params: hide(line.params) } : line;
};

/**
 * Adds `toJSON` and `util.inspect.custom` to a line of a table, which show zeros instead of the key. `params` stays the
 * kernel's text. A copy by spread has neither method.
 */
export function hiddenLine<T extends { readonly type: string; readonly params: string }>(
  line: T,
): T {
  if (!HIDERS.has(line.type)) return line;
  const shown = hideKeys({ ...line });
  if (shown.params === line.params) return line;
  return Object.defineProperties(line, {
    toJSON: { value: (): T => shown },
    [inspect.custom]: { value: (): T => shown },
  });
}

/** Whether a target's parameters may hold a key. */
export const mayHoldKey = ({
  type,
  params,
}: {
  readonly type: string;
  readonly params: string | SecretText;
}): boolean => HIDERS.has(type) || params instanceof SecretText;

/** Replaces the key in a message with zeros. Only `key set HEX` contains one. */
export const hideMessageKey = (text: string): string =>
  text.replace(
    /^(\s*key\s+set\s+)(\S+)/i,
    (_, words: string, key: string) => `${words}${hidden(key)}`,
  );

/** Whether a message holds a key. */
export const holdsKey = (text: string | SecretText): boolean =>
  text instanceof SecretText || hideMessageKey(text) !== text;
