// Parses the XML of thin-provisioning-tools: one element per line, with attributes only.

import { notUnderstood } from './tool-error.ts';

/** The element of a line. */
export interface Element {
  /** A start tag, an end tag, or an empty element. */
  readonly event: 'open' | 'close' | 'empty';
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** The elements that each element may contain. `''` contains the root. */
export type Grammar = Readonly<Record<string, readonly string[]>>;

/** Reads a document line by line. */
export interface ElementScanner {
  /** Parses a line; `undefined` for a blank one. @throws ToolError for an element that is not in the grammar */
  readonly next: (line: string) => Element | undefined;
  /** Checks that the document is complete. @throws ToolError */
  readonly end: () => void;
}

const LINE = /^\s*<(\/?)([a-z_]+)((?:\s+[a-z_0-9]+="[^"<]*")*)\s*(\/?)>\s*$/;
const ATTRIBUTE = /([a-z_0-9]+)="([^"<]*)"/g;

/** A scanner for one document of `program`. */
export function elementScanner(program: string, grammar: Grammar): ElementScanner {
  const open: string[] = [];
  let isComplete = false;
  const next = (line: string): Element | undefined => {
    if (line.trim() === '') return undefined;
    const inside = open.at(-1) ?? '';
    const expected = expectation(grammar, inside);
    const refuse = (): never => {
      throw notUnderstood(program, isComplete ? 'nothing more' : expected, line);
    };
    const element = parseElement(line) ?? refuse();
    const { event, name } = element;
    if (isComplete) refuse();
    if (event === 'close') {
      if (name !== inside) refuse();
      open.pop();
    } else {
      if (!grammar[inside]?.includes(name)) refuse();
      if (event === 'open') open.push(name);
    }
    isComplete = open.length === 0;
    return element;
  };
  const end = (): void => {
    if (isComplete) return;
    throw notUnderstood(program, expectation(grammar, open.at(-1) ?? ''), 'the end');
  };
  return { next, end };
}

function expectation(grammar: Grammar, inside: string): string {
  const names = (grammar[inside] ?? []).map((name) => `<${name}>`);
  return [...names, ...(inside === '' ? [] : [`</${inside}>`])].join(' or ');
}

function parseElement(line: string): Element | undefined {
  const [, slash, name, words = '', empty] = LINE.exec(line) ?? [];
  if (name === undefined || (slash && (empty || words !== ''))) return undefined;
  const attributes = new Map<string, string>();
  for (const [, key, value] of words.matchAll(ATTRIBUTE)) attributes.set(key!, value!);
  return { event: slash ? 'close' : empty ? 'empty' : 'open', name, attributes };
}

/** Reads the attributes of one program's elements. */
export interface AttributeReader {
  readonly text: (element: Element, key: string) => string;
  readonly big: (element: Element, key: string) => bigint;
  readonly small: (element: Element, key: string) => number;
}

/** A reader that throws ToolError for a missing or invalid attribute. */
export function attributeReader(program: string): AttributeReader {
  const text = ({ name, attributes }: Element, key: string): string => {
    const value = attributes.get(key);
    if (value !== undefined) return value;
    throw notUnderstood(program, `${key} in <${name}>`, [...attributes.keys()].join(' '));
  };
  const digits = (element: Element, key: string, pattern: RegExp): string => {
    const value = text(element, key);
    if (pattern.test(value)) return value;
    throw notUnderstood(program, `a number as ${key} in <${element.name}>`, value);
  };
  return {
    text,
    big: (element, key) => BigInt(digits(element, key, /^\d{1,20}$/)),
    small: (element, key) => Number(digits(element, key, /^\d{1,15}$/)),
  };
}
