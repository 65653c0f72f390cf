// Parses the lines of a table or a status. This file loads every target type.

import { targetKinds } from '../targets/registry.ts';
import { hiddenLine } from '../text/secrets.ts';
import type { TableLine } from '../text/table.ts';
import { errorOf, ReplyError } from '../wire/errors.ts';
import type { TypedLine } from './typed-line.ts';

/**
 * Parses each line of `device` with its target's `parseStatus` or `parseParams`. Never throws: `problem` has the error.
 */
export const typeLines = (
  device: string,
  lines: readonly TableLine[],
  read: 'parseParams' | 'parseStatus',
): readonly TypedLine[] =>
  // The fields are listed, because a spread would double the time.
  lines.map(({ start, length, type, params }) => {
    try {
      const record = targetKinds.get(type)?.[read](params);
      return hiddenLine({ start, length, type, params, record });
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      const problem = errorOf(device, error);
      return hiddenLine({ start, length, type, params, record: undefined, problem });
    }
  });
