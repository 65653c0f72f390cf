// Parses the lines of a table or a status. This file loads every target type.

import { targetKinds } from '../targets/registry.ts';
import { hiddenLine } from '../text/secrets.ts';
import type { TableLine } from '../text/table.ts';
import { ReplyError, reportedOf } from '../wire/errors.ts';
import type { TypedLine } from './typed-line.ts';

/**
 * Parses each line of `device` with its target's `parseStatus` or `parseParams`. Never throws: `problem` has the error.
 */
export const typeLines = (
  device: string,
  lines: readonly TableLine[],
  read: 'parseParams' | 'parseStatus',
): readonly TypedLine[] =>
  lines.map((line) => {
    try {
      const record = reportedOf(device, () => targetKinds.get(line.type)?.[read](line.params));
      return hiddenLine({ ...line, record });
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      return hiddenLine({ ...line, record: undefined, problem: error });
    }
  });
