// What every typed target offers: a target of a table from a record, a record from the kernel's text, and
// the messages it understands.

import { isObject } from '../../ioctl/checks.ts';
import { InputError, ReplyError, type ReplySource } from '../errors.ts';
import { SecretText } from '../secret-text.ts';
import type { TargetInput } from '../table.ts';
import { type SectorsInput, sectors } from '../units.ts';
import type { ExtraWords } from './options.ts';
import { Words } from './words.ts';
import { extraWords } from './write-words.ts';

/** Where a target lies in its table. */
export interface Placement {
  /** First sector. @default the end of the target before, 0 for the first */
  readonly start?: SectorsInput;
  /** Sectors it serves. */
  readonly length: SectorsInput;
}

/** Parameters of a target that takes none. */
export type NoParams = Readonly<Record<never, never>>;

/** Messages by name: each function gives the text that `DeviceMapper.message` sends. */
export type Messages = Readonly<Record<string, (...args: never) => string | SecretText>>;

/** A target that understands no message. */
export type NoMessages = Readonly<Record<never, never>>;

/** Words behind the last one that a target has a name for. */
export interface TrailingWords {
  /** What a newer kernel added; written back at the end. @default [] */
  readonly trailing?: readonly string[];
}

/** What a target type is made of. */
export interface TargetDirections<Params, Status, M extends Messages, Read> {
  /** The parameters as the kernel takes them, without the trailing words. @throws InputError naming the field */
  readonly formatParams: (params: Params & TrailingWords) => string | SecretText;
  /** A text as the kernel takes it, of one that it prints otherwise. @default as it is */
  readonly mendText?: (text: string) => string;
  /** The record of the words; those that are left are the trailing ones. @throws ReplyError naming the word that does not fit */
  readonly readParams: (words: Words) => Read;
  /** The record of a status text; `undefined` where the target has none. @throws ReplyError naming the word that does not fit */
  readonly parseStatus: (text: string) => Status;
  /** The messages it understands. */
  readonly messages: M;
  /** Runs whatever may throw an error that shows parameters. @default run it */
  readonly conceal?: <T>(run: () => T) => T;
  /** Whether a word that nobody knows must not be kept, because it may be a key. @default none */
  readonly isSecret?: (word: string) => boolean;
}

/**
 * A target type. Called with a placement and its parameters it gives a target for a table:
 * `linear({ length: 2048, device: '/dev/sdb', offset: 0 })`.
 *
 * `Read` is what a table reads back as: `Params`, but with words that a newer kernel may have. The functions that
 * write take known words only.
 */
export interface TargetKind<
  Params,
  Status = undefined,
  M extends Messages = NoMessages,
  Read = Params,
> {
  (target: Placement & Params & TrailingWords): TargetInput;
  /** The kernel's name: `'linear'`. */
  readonly type: string;
  /** The parameters as the kernel takes them, **keys among them**. @throws InputError naming the field */
  readonly formatParams: (params: Params & TrailingWords) => string;
  /** The record of a table's parameters as the kernel reports them. @throws ReplyError naming the word that does not fit */
  readonly parseParams: (text: string) => Read & TrailingWords;
  /** The record of a status text; `undefined` where the target has none. @throws ReplyError naming the word that does not fit */
  readonly parseStatus: (text: string) => Status;
  /** The messages it understands. */
  readonly messages: M;
}

/** Make a target kind of its directions. */
export function targetKind<
  Params,
  Status = undefined,
  M extends Messages = NoMessages,
  Read = Params,
>(
  type: string,
  directions: TargetDirections<Params, Status, M, Read>,
): TargetKind<Params, Status, M, Read> {
  const { readParams, messages } = directions;
  const { mendText = (text) => text, conceal = (run) => run() } = directions;
  const { isSecret = () => false } = directions;

  const write = (params: Params & TrailingWords): string | SecretText => {
    isObject(params, type);
    return conceal(() => {
      const trailing = extraWords(params.trailing, `${type}.trailing`);
      const text = withWords(directions.formatParams(params), trailing);
      if (trailing.length > 0) checkTrailing(text, trailing);
      return text;
    });
  };
  // Where words were left out, others behind them would be taken for those.
  const checkTrailing = (text: string | SecretText, trailing: readonly string[]): void => {
    const words = new Words(mendText(String(text)), type);
    const refuse = (): never => {
      const expected = 'nothing while words before it are left out';
      throw new InputError({ field: `${type}.trailing`, expected, received: trailing });
    };
    try {
      readParams(words);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      refuse();
    }
    if (words.rest().length !== trailing.length) refuse();
  };
  // The text of a target that has keys is in no error.
  const source = (text: string): ReplySource => ({
    target: type,
    ...(directions.conceal === undefined && { text }),
  });
  const parseParams = (text: string): Read & TrailingWords =>
    reading(source(checkText(text)), () =>
      conceal(() => {
        const words = new Words(mendText(text), type);
        const params = readParams(words) as Read & ExtraWords;
        const trailing = words.rest();
        if ([...trailing, ...(params.extra ?? [])].some(isSecret)) {
          words.refuse('further word', 'no word that may be a key', undefined);
        }
        return { ...params, ...(trailing.length > 0 && { trailing }) };
      }),
    );
  const readStatus = (text: string): Status =>
    reading(source(checkText(text)), () => directions.parseStatus(text));
  // That a target has no status is seen by the function: `noStatus`.
  const parseStatus =
    (directions.parseStatus as unknown) === noStatus ? directions.parseStatus : readStatus;
  const formatParams = (params: Params & TrailingWords): string => {
    const text = write(params);
    return typeof text === 'string' ? text : text.reveal();
  };
  const make = (target: Placement & Params & TrailingWords): TargetInput => {
    isObject(target, type);
    const { start, length, ...params } = target;
    if (start !== undefined) sectors(start, `${type}.start`);
    sectors(length, `${type}.length`);
    return {
      ...(start !== undefined && { start }),
      length,
      type,
      params: write(params as unknown as Params & TrailingWords),
    };
  };
  return Object.assign(make, { type, formatParams, parseParams, parseStatus, messages });
}

/** A text to be read. @throws InputError */
function checkText(text: string): string {
  if (typeof text === 'string') return text;
  throw new InputError({ field: 'text', expected: 'a string', received: text });
}

/** Run a parser: what it cannot read is a `ReplyError` with its source. */
function reading<T>(source: ReplySource, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReplyError) throw new ReplyError(error.problem, source);
    // A rule of the caller's values that the kernel's word breaks, too.
    if (error instanceof InputError) throw new ReplyError(error.message, source);
    throw error;
  }
}

/** A text with more words behind it. */
function withWords(text: string | SecretText, words: readonly string[]): string | SecretText {
  if (words.length === 0) return text;
  return typeof text === 'string'
    ? [...(text === '' ? [] : [text]), ...words].join(' ')
    : new SecretText([text.marked, ...words].join(' '), text.keys);
}

/** The status of a target that prints none. @throws InputError for what is not a string */
export const noStatus = (text: string): undefined => {
  checkText(text);
};
