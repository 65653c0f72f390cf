// What may be sent to a target as a message.

import { InputError } from './errors.ts';
import { SecretText } from './secret-text.ts';
import { hideMessageKey } from './secrets.ts';

/**
 * Check the text of a message. One that begins with `@` is not for the target but for the device mapper
 * itself, and is only let through when `core` says that it is meant so.
 * @throws InputError
 */
export function checkMessage(text: string | SecretText, core: boolean): string | SecretText {
  const plain = text instanceof SecretText ? text.marked : text;
  const demand = (holds: boolean, expected: string): void => {
    if (holds) return;
    const received = typeof text === 'string' ? hideMessageKey(text) : text;
    throw new InputError({ field: 'message', expected, received });
  };
  const words = typeof plain === 'string' && plain.trim() !== '' && !plain.includes('\0');
  demand(words, 'words without NUL, at least one');
  demand(!/\p{Surrogate}/u.test(plain), 'well-formed Unicode');
  demand(
    core || !plain.trimStart().startsWith('@'),
    'a message for the target; those that begin with "@" need the option core',
  );
  return text;
}
