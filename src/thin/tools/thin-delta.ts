// Parses the output of thin_delta, which is the same in 0.9 and 1.x.

import { DELTA_KINDS, type DeltaItem, type DeltaRange } from '../metadata/delta.ts';
import { attributeReader, elementScanner, type Grammar } from './elements.ts';

const PROGRAM = 'thin_delta';
const GRAMMAR: Grammar = { '': ['superblock'], superblock: ['diff'], diff: DELTA_KINDS };
const { big } = attributeReader(PROGRAM);

const isKind = (name: string): name is DeltaRange['kind'] =>
  (DELTA_KINDS as readonly string[]).includes(name);

/** Parses a comparison line by line. @throws ToolError for output that is not a comparison or is incomplete */
export async function* parseThinDelta(
  lines: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): AsyncGenerator<DeltaItem, void> {
  const scanner = elementScanner(PROGRAM, GRAMMAR);
  for await (const batch of lines) {
    for (const line of batch) {
      const element = scanner.next(line);
      if (element === undefined || element.event === 'close') continue;
      if (element.name === 'superblock') {
        const transactionId = big(element, 'transaction');
        const blockSize = big(element, 'data_block_size');
        yield {
          kind: 'superblock',
          transactionId,
          blockSize,
          dataBlocks: big(element, 'nr_data_blocks'),
        };
      } else if (isKind(element.name)) {
        yield { kind: element.name, begin: big(element, 'begin'), length: big(element, 'length') };
      }
    }
  }
  scanner.end();
}
