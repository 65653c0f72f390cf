// The errnos and codes in doc comments and pages are those of the errors. libuv, and so Node, names errno 95
// ENOTSUP; the kernel names it EOPNOTSUPP.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { errnoCode, errnoNumber } from '../../src/ioctl/libc/errno.ts';
import { PAGES } from '../support/pages.ts';

/** Files, and the part of their text that users read. */
const texts: readonly (readonly [file: string, text: string])[] = [
  ...readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('-thread-source.ts'))
    .map((name) => join('src', name))
    .map(
      (file) =>
        [file, (readFileSync(file, 'utf8').match(/\/\*\*[\s\S]*?\*\//g) ?? []).join('\n')] as const,
    ),
  ...PAGES.map((file) => [file, readFileSync(file, 'utf8')] as const),
];

/** The `code` of an error with this errno; `undefined` for a word that is not an errno. */
function codeOf(word: string): string | undefined {
  try {
    return errnoCode(errnoNumber(word));
  } catch {
    return undefined;
  }
}

test('every errno in a doc comment or a page is spelled as the code of the error', (t) => {
  let count = 0;
  for (const [file, text] of texts) {
    for (const line of text.split('\n')) {
      // These lines state that two names are equal.
      if (line.includes('EOPNOTSUPP') && line.includes('ENOTSUP')) continue;
      for (const [word] of line.matchAll(/\bE[A-Z][A-Z0-9]+\b/g)) {
        const code = codeOf(word);
        if (code === undefined) continue;
        count += 1;
        t.is(code, word, `${file}: ${line.trim()}`);
      }
    }
  }
  t.true(count > 100, `${count} errnos`);
});

test('every errno in a @throws is an errno', (t) => {
  for (const [file, text] of texts) {
    for (const [tag] of text.matchAll(/@throws[^@]*/g)) {
      for (const [, word] of tag.matchAll(/\b(?:DmError|SyscallError) (E[A-Z][A-Z0-9]+)\b/g)) {
        t.not(codeOf(word!), undefined, `${file}: ${word}`);
      }
    }
  }
});

test('every ERR_ code in a doc comment or a page exists in the code', (t) => {
  const source = texts
    .filter(([file]) => file.endsWith('.ts'))
    .map(([file]) => readFileSync(file, 'utf8').replaceAll(/\/\*\*[\s\S]*?\*\//g, ''))
    .join('\n');
  const known = new Set([...source.matchAll(/'(ERR_[A-Z_]+)'/g)].map(([, code]) => code));
  let count = 0;
  for (const [file, text] of texts) {
    for (const [code] of text.matchAll(/\bERR_[A-Z_]+[A-Z]\b/g)) {
      count += 1;
      t.true(known.has(code), `${file}: ${code}`);
    }
  }
  t.true(count > 50, `${count} codes`);
});
