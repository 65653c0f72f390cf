// `-S SELECTION`: selects devices by the fields of `info -c`. The syntax is libdevmapper's:
// `name=~^vm && open=0`, `(suspended=Suspended || readonly=Read-only), !(uuid="")`.

import { parseSize } from '../../dm/text/size.ts';
import { UsageError } from '../support/exit-status.ts';
import { findField } from './info-columns.ts';
import type { FieldSource, InfoField } from './info-fields.ts';

/** Whether a device is selected. */
export type Selection = (source: FieldSource) => boolean;

const HELP =
  'expected FIELD OPERATOR VALUE, the operator one of = != =~ !~ > >= < <=, joined by && , || # and grouped by ( ) and !( )';

const OPERATORS = ['=~', '!~', '!=', '>=', '<=', '=', '>', '<'] as const;
type Operator = (typeof OPERATORS)[number];

const COMPARE: Readonly<Partial<Record<Operator, (a: number, b: number) => boolean>>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

const BRACKETS: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '(': ')',
  '{': '}',
  '[': ']',
};

/** A recursive-descent parser of selections. */
class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Parses the whole text. */
  whole(): Selection {
    const selection = this.#any();
    return this.#rest() === '' ? selection : this.#fail();
  }

  /** Parses alternatives: one of them must match. */
  #any(): Selection {
    const parts = [this.#every()];
    while (this.#take('||', '#')) parts.push(this.#every());
    return (source) => parts.some((part) => part(source));
  }

  #every(): Selection {
    const parts = [this.#one()];
    while (this.#take('&&', ',')) parts.push(this.#one());
    return (source) => parts.every((part) => part(source));
  }

  #one(): Selection {
    const negated = this.#take('!') !== undefined;
    if (this.#take('(')) {
      const inner = this.#any();
      if (!this.#take(')')) this.#fail();
      return negated ? (source) => !inner(source) : inner;
    }
    return negated ? this.#fail() : this.#comparison();
  }

  #comparison(): Selection {
    const name = /^\w+/.exec(this.#rest())?.[0];
    if (name === undefined) this.#fail();
    const field = findField(name!);
    this.#at += name!.length;
    const operator = this.#take(...OPERATORS);
    if (operator === undefined) this.#fail();
    const value = this.#value(operator!.endsWith('~'));
    return comparison(field, operator as Operator, value);
  }

  /** Parses a quoted value, or a value up to the next blank or operator. A regular expression may be in brackets. */
  #value(isPattern: boolean): string {
    const rest = this.#rest();
    const open = rest[0] ?? '';
    const close = isPattern || open === '"' || open === "'" ? BRACKETS[open] : undefined;
    if (close === undefined) {
      const [word] = /^(?:(?!&&|\|\||[ ,#)]).)*/s.exec(rest)!;
      this.#at += word.length;
      return word;
    }
    const end = rest.indexOf(close, 1);
    if (end === -1) this.#fail();
    this.#at += end + 1;
    return rest.slice(1, end);
  }

  #take(...words: readonly string[]): string | undefined {
    const rest = this.#rest();
    const found = words.find((word) => rest.startsWith(word));
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** The rest of the text without leading blanks. */
  #rest(): string {
    const rest = this.#text.slice(this.#at);
    this.#at += rest.length - rest.trimStart().length;
    return this.#text.slice(this.#at);
  }

  #fail(): never {
    const where = this.#text.slice(this.#at);
    throw new UsageError(
      `invalid --select: ${HELP}; got ${JSON.stringify(this.#text)}${where === '' ? '' : `, invalid at ${JSON.stringify(where)}`}`,
    );
  }
}

function comparison(field: InfoField, operator: Operator, value: string): Selection {
  const refuse = (expected: string): never => {
    throw new UsageError(
      `invalid --select: ${field.name}${operator}: expected ${expected}, got ${JSON.stringify(value)}`,
    );
  };
  if (field.right) {
    const compare = COMPARE[operator] ?? refuse('an operator for numbers: = != > >= < <=');
    const wanted = field.name === 'size' ? sizeOf(value) : Number(value || refuse('a number'));
    if (Number.isNaN(wanted)) refuse('a number');
    return (source) => compare(numberOf(field, source), wanted);
  }
  if (operator === '=') return (source) => field.text(source) === value;
  if (operator === '!=') return (source) => field.text(source) !== value;
  if (!operator.endsWith('~')) refuse('an operator for strings: = != =~ !~');
  if (value === '') refuse('a regular expression');
  const pattern = patternOf(value, field.name);
  return (source) => pattern.test(field.text(source)) === (operator === '=~');
}

/** Parses a size. As in LVM, a size without a unit is in MiB. */
const sizeOf = (value: string): number =>
  Number(parseSize(/[a-z]$/i.test(value) ? value : `${value}m`, '--select: size'));

const numberOf = (field: InfoField, source: FieldSource): number =>
  Number(field.text({ ...source, units: 'b', suffix: false }) || Number.NaN);

function patternOf(value: string, name: string): RegExp {
  try {
    return new RegExp(value);
  } catch (error) {
    throw new UsageError(`invalid --select: ${name}: ${(error as Error).message}`);
  }
}

/** Parses a selection. An empty one and `all` select every device. @throws UsageError */
export const parseSelection = (text: string): Selection =>
  text === '' || text === 'all' ? () => true : new Parser(text).whole();
