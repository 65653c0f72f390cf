// What a file of a storage can have become: rows of a title and a function that puts it in the file's place.

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { MiB } from '../scratch.ts';

/** A hostile state of one file. */
export interface Mutation {
  readonly what: string;
  /** Changes the file. `good` is its content. */
  readonly put: (path: string, good: Buffer) => void;
}

const write =
  (text: string | Buffer) =>
  (path: string): void =>
    writeFileSync(path, text);

/** The file cut off before each of its bytes. */
export const truncations = ({ length }: Buffer): readonly Mutation[] =>
  Array.from({ length }, (_, size) => ({
    what: `cut off after ${size} of ${length} bytes`,
    put: (path: string) => truncateSync(path, size),
  }));

const flip = (byte: number, bit: number): Mutation => ({
  what: `byte ${byte} with another bit ${bit}`,
  put: (path, good) => {
    const bytes = Buffer.from(good);
    bytes[byte]! ^= 1 << bit;
    writeFileSync(path, bytes);
  },
});

/** Each byte with one other bit, chosen by `random`. */
export const randomFlips = ({ length }: Buffer, random: () => number): readonly Mutation[] =>
  Array.from({ length }, (_, byte) => flip(byte, Math.floor(random() * 8)));

/** Each byte with each other bit. */
export const allFlips = ({ length }: Buffer): readonly Mutation[] =>
  Array.from({ length: length * 8 }, (_, index) => flip(index >> 3, index & 7));

/** A text that replaces the first match of a pattern. */
export const replaced = (what: string, pattern: RegExp, by: string): Mutation => ({
  what,
  put: (path, good) => {
    const text = good.toString();
    if (!pattern.test(text)) throw new Error(`${pattern} is not in ${text}`);
    writeFileSync(path, text.replace(pattern, by));
  },
});

function instead(place: (path: string) => void): Mutation['put'] {
  return (path) => {
    rmSync(path, { recursive: true });
    place(path);
  };
}

function large(path: string): void {
  const blanks = Buffer.alloc(MiB, ' ');
  writeFileSync(path, '');
  for (let i = 0; i < 100; i++) appendFileSync(path, blanks);
}

const node = (...words: readonly string[]) =>
  instead((path) => execFileSync('mknod', [path, ...words]));
const link = (target: string) => instead((path) => symlinkSync(target, path));

/** What is not a file with a record at all. */
export const FOREIGN: readonly Mutation[] = [
  { what: 'only zeros', put: (path, { length }) => writeFileSync(path, Buffer.alloc(length)) },
  { what: 'a text', put: write('#!/bin/sh\n') },
  { what: 'an empty object', put: write('{}') },
  { what: 'a list', put: write('[]') },
  { what: 'null', put: write('null') },
  { what: 'a number of 4000 digits', put: write('9'.repeat(4000)) },
  { what: '1300 levels of brackets', put: write(`${'['.repeat(1300)}${']'.repeat(1300)}`) },
  { what: '600 levels of objects', put: write(`${'{"a":'.repeat(600)}1${'}'.repeat(600)}`) },
  { what: '100 MiB of blanks', put: large },
  { what: '3 GiB of holes', put: (path) => truncateSync(path, 3 * 1024 * MiB) },
  { what: 'a fifo', put: node('p') },
  { what: 'a character device without an end', put: node('c', '1', '5') },
  { what: 'a terminal', put: node('c', '5', '2') },
  { what: 'a block device', put: node('b', '7', '0') },
  { what: 'a device without a driver', put: node('c', '240', '77') },
  { what: 'a link to a device', put: link('/dev/zero') },
  { what: 'a link to a file', put: link('/etc/passwd') },
  { what: 'a dangling link', put: link('missing') },
  { what: 'a link to itself', put: instead((path) => symlinkSync(basename(path), path)) },
  { what: 'a directory', put: instead((path) => mkdirSync(path)) },
];

/** The same content, with another owner and mode: a restored copy. */
export const RESTORED: Mutation = {
  what: 'with another owner and mode',
  put: (path) => {
    chownSync(path, 12_345, 54_321);
    chmodSync(path, 0o644);
  },
};
