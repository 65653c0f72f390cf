// Parses the output of thin_delta, which is the same in 0.9 and 1.x.

import { attributeReader, elementScanner, type Grammar } from './elements.ts';

const KINDS = ['same', 'left_only', 'right_only', 'different'] as const;

/** The pool of the compared devices. It is the first item. */
export interface DeltaSuperblock {
  readonly kind: 'superblock';
  readonly transactionId: bigint;
  /** Sectors of a data block. */
  readonly blockSize: bigint;
  readonly dataBlocks: bigint;
}

/** A range of blocks that both devices map to the same data, only one device maps, or both map to different data. */
export interface DeltaRange {
  readonly kind: (typeof KINDS)[number];
  /** The first block of the devices. */
  readonly begin: bigint;
  /** In blocks. */
  readonly length: bigint;
}

/** An item of a comparison. */
export type DeltaItem = DeltaSuperblock | DeltaRange;

const PROGRAM = 'thin_delta';
const GRAMMAR: Grammar = { '': ['superblock'], superblock: ['diff'], diff: KINDS };
const { big } = attributeReader(PROGRAM);

const isKind = (name: string): name is DeltaRange['kind'] =>
  (KINDS as readonly string[]).includes(name);

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
