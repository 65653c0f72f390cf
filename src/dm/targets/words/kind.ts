// The typed targets: conversion between typed parameters and the kernel's texts, and the messages of a target.

import { isObject } from '../../../ioctl/input/checks.ts';
import { SecretText } from '../../text/secret-text.ts';
import type { TargetInput } from '../../text/table.ts';
import { type SectorsInput, sectors } from '../../text/units.ts';
import { InputError, ReplyError, type ReplySource } from '../../wire/errors.ts';
import type { ExtraWords } from './options.ts';
import { Words } from './words.ts';
import { extraWords } from './write-words.ts';

/** The place of a target in its table. */
export interface Placement {
  /** First sector. @default the end of the previous target, 0 for the first */
  readonly start?: SectorsInput;
  /** Length in sectors. */
  readonly length: SectorsInput;
}

/** Parameters of a target without parameters. */
export type NoParams = Readonly<Record<never, never>>;

/** Messages by name: each function returns the text for `DeviceMapper.message`. */
export type Messages = Readonly<Record<string, (...args: never) => string | SecretText>>;

/** Messages of a target without messages. */
export type NoMessages = Readonly<Record<never, never>>;

/** Words after the last known parameter. */
export interface TrailingWords {
  /** Words that a newer kernel added. They are written at the end. @default [] */
  readonly trailing?: readonly string[];
}

/** The definition of a target type. */
export interface TargetDirections<Params, Status, M extends Messages, Read> {
  /** Formats the parameters for the kernel, without the trailing words. @throws InputError naming the field */
  readonly formatParams: (params: Params & TrailingWords) => string | SecretText;
  /** Corrects a text that the kernel prints in another form than it accepts. @default unchanged */
  readonly mendText?: (text: string) => string;
  /** Reads the parameters. The remaining words are the trailing ones. @throws ReplyError naming the invalid word */
  readonly readParams: (words: Words) => Read;
  /** Parses a status text; `undefined` if the target has no status. @throws ReplyError naming the invalid word */
  readonly parseStatus: (text: string) => Status;
  /** The messages of the target. */
  readonly messages: M;
  /** Runs a function and removes parameters from its errors. @default run it only */
  readonly conceal?: <T>(run: () => T) => T;
  /** Whether an unknown word must be rejected because it may contain a key. @default none */
  readonly isSecret?: (word: string) => boolean;
}

/**
 * A target type. Called with a placement and its parameters, it returns a target for a table:
 * `linear({ length: 2048, device: '/dev/sdb', offset: 0 })`.
 *
 * `Read` is the type of parameters from a table: `Params`, but with words that a newer kernel may report. The functions
 * that write accept known words only.
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
  /** Formats the parameters for the kernel, **including keys**. @throws InputError naming the field */
  readonly formatParams: (params: Params & TrailingWords) => string;
  /** Parses the parameters in a table from the kernel. @throws ReplyError naming the invalid word */
  readonly parseParams: (text: string) => Read & TrailingWords;
  /** Parses a status text; `undefined` if the target has no status. @throws ReplyError naming the invalid word */
  readonly parseStatus: (text: string) => Status;
  /** The messages of the target. */
  readonly messages: M;
}

/** Creates a target type from its definition. */
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
  const { isSecret } = directions;

  const write = (params: Params & TrailingWords): string | SecretText => {
    isObject(params, type);
    return conceal(() => {
      const trailing = extraWords(params.trailing, `${type}.trailing`);
      const text = withWords(directions.formatParams(params), trailing);
      if (trailing.length > 0) checkTrailing(text, trailing);
      return text;
    });
  };
  // If optional words are omitted, the kernel would interpret trailing words as these.
  const checkTrailing = (text: string | SecretText, trailing: readonly string[]): void => {
    const words = new Words(mendText(String(text)), type);
    const refuse = (): never => {
      const expected = 'no words, because parameters before them are omitted';
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
  /** Runs a parser of a text. Errors of a target with keys do not contain the text. */
  const reading = <T>(text: string, read: () => T): T => {
    checkText(text);
    try {
      return read();
    } catch (error) {
      const shown = directions.conceal === undefined ? text : undefined;
      throw replyError(error, { target: type, text: shown });
    }
  };
  const parseParams = (text: string): Read & TrailingWords =>
    reading(text, () =>
      conceal(() => {
        const words = new Words(mendText(text), type);
        const params = readParams(words) as Read & ExtraWords;
        const trailing = words.rest();
        if (isSecret && [...trailing, ...(params.extra ?? [])].some(isSecret)) {
          words.refuse('further word', 'no word that may be a key', undefined);
        }
        return trailing.length === 0 ? params : { ...params, trailing };
      }),
    );
  const readStatus = (text: string): Status => reading(text, () => directions.parseStatus(text));
  // `noStatus` itself marks a target without a status, so it is not wrapped.
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

/** Checks a text from the caller. @throws InputError */
function checkText(text: string): void {
  if (typeof text === 'string') return;
  throw new InputError({ field: 'text', expected: 'a string', received: text });
}

/** Converts the error of a parser to a `ReplyError` with the source; other errors are unchanged. */
function replyError(error: unknown, source: ReplySource): unknown {
  if (error instanceof ReplyError) return new ReplyError(error.problem, source);
  // The kernel's word violates a rule for the caller's values.
  return error instanceof InputError ? new ReplyError(error.message, source) : error;
}

/** Appends words to a text. */
function withWords(text: string | SecretText, words: readonly string[]): string | SecretText {
  if (words.length === 0) return text;
  return typeof text === 'string'
    ? [...(text === '' ? [] : [text]), ...words].join(' ')
    : new SecretText([text.marked, ...words].join(' '), text.keys);
}

/** `parseStatus` of a target without a status. @throws InputError if `text` is not a string */
export const noStatus = (text: string): undefined => {
  checkText(text);
};
