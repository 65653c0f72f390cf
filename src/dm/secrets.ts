// Keys stand in the tables and messages of some targets. Nothing that is shown may contain one.

import { isObject } from '../ioctl/checks.ts';
import { SecretText } from './secret-text.ts';

/** A key is shown as zeros, as dmsetup does; one that lives in the kernel's keyring (`:32:logon:name`) is no secret. */
const hidden = (key: string): string =>
  key === '-' || key.startsWith(':') ? key : '0'.repeat(key.length);

/** crypt and inlinecrypt: `cipher key iv_offset …`, with as many blanks between as somebody typed. */
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

/** The line with every key in its parameters replaced by zeros. */
export const hideKeys = <T extends { readonly type: string; readonly params: string | SecretText }>(
  line: T,
): T => {
  isObject(line, 'line');
  const hide = HIDERS.get(line.type);
  // A text that knows its keys hides them itself.
  return hide && typeof line.params === 'string' ? { ...line, params: hide(line.params) } : line;
};

/** Whether a target's parameters may hold a key. */
export const mayHoldKey = ({
  type,
  params,
}: {
  readonly type: string;
  readonly params: string | SecretText;
}): boolean => HIDERS.has(type) || params instanceof SecretText;

/** A message with its key replaced by zeros: `key set HEX` is the one that carries any. */
export const hideMessageKey = (text: string): string =>
  text.replace(
    /^(\s*key\s+set\s+)(\S+)/i,
    (_, words: string, key: string) => `${words}${hidden(key)}`,
  );

/** Whether a message holds a key. */
export const holdsKey = (text: string | SecretText): boolean =>
  text instanceof SecretText || hideMessageKey(text) !== text;
