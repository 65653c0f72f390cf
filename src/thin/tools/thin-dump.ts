// Parses the output of thin_dump. Version 0.9 prints every mapping of every device. 1.x prints shared mappings once, in
// a <def>, and refers to it.

import { attributeReader, type Element, elementScanner, type Grammar } from './elements.ts';
import { notUnderstood } from './tool-error.ts';

/** The pool. It is the first item. */
export interface DumpedSuperblock {
  readonly kind: 'superblock';
  readonly transactionId: bigint;
  readonly time: number;
  /** Sectors of a data block. */
  readonly blockSize: bigint;
  readonly dataBlocks: bigint;
}

/** A thin device. Its mappings follow it. */
export interface DumpedDevice {
  readonly kind: 'device';
  readonly id: number;
  /** Mapped data blocks, including shared ones. */
  readonly mapped: bigint;
  /** The pool's transaction id at its creation. */
  readonly transactionId: bigint;
  /** The pool's time at its creation, and at its last snapshot. */
  readonly creationTime: number;
  readonly snapTime: number;
}

/** A range of blocks of a device, and its range of data blocks. */
export interface DumpedMapping {
  readonly kind: 'mapping';
  /** The id of the device. */
  readonly device: number;
  readonly origin: bigint;
  readonly data: bigint;
  readonly length: bigint;
  /** The pool's time when the blocks were mapped. */
  readonly time: number;
}

/** An item of a dump. */
export type DumpItem = DumpedSuperblock | DumpedDevice | DumpedMapping;

type Run = Omit<DumpedMapping, 'kind' | 'device'>;

const PROGRAM = 'thin_dump';
const MAPPINGS = ['single_mapping', 'range_mapping', 'ref'] as const;
const GRAMMAR: Grammar = {
  '': ['superblock'],
  superblock: ['def', 'device'],
  def: MAPPINGS,
  device: MAPPINGS,
};
const { big, small, text } = attributeReader(PROGRAM);

const readSuperblock = (element: Element): DumpedSuperblock => ({
  kind: 'superblock',
  transactionId: big(element, 'transaction'),
  time: small(element, 'time'),
  blockSize: big(element, 'data_block_size'),
  dataBlocks: big(element, 'nr_data_blocks'),
});

const readDevice = (element: Element): DumpedDevice => ({
  kind: 'device',
  id: small(element, 'dev_id'),
  mapped: big(element, 'mapped_blocks'),
  transactionId: big(element, 'transaction'),
  creationTime: small(element, 'creation_time'),
  snapTime: small(element, 'snap_time'),
});

function readRun(element: Element): Run {
  const isSingle = element.name === 'single_mapping';
  return {
    origin: big(element, isSingle ? 'origin_block' : 'origin_begin'),
    data: big(element, isSingle ? 'data_block' : 'data_begin'),
    length: isSingle ? 1n : big(element, 'length'),
    time: small(element, 'time'),
  };
}

/**
 * Parses a dump line by line. Only the shared mappings of 1.x are kept in memory, because later lines can refer to them.
 * @throws ToolError for output that is not a dump or is incomplete
 */
export async function* parseThinDump(
  lines: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): AsyncGenerator<DumpItem, void> {
  const scanner = elementScanner(PROGRAM, GRAMMAR);
  const definitions = new Map<string, Run[]>();
  // The current definition; if there is none, mappings belong to the current device.
  let definition: Run[] | undefined;
  let device = 0;
  for await (const batch of lines) {
    for (const line of batch) {
      const element = scanner.next(line);
      if (element === undefined || element.event === 'close') continue;
      if (element.name === 'superblock') yield readSuperblock(element);
      else if (element.name === 'def') {
        definition = [];
        definitions.set(text(element, 'name'), definition);
      } else if (element.name === 'device') {
        definition = undefined;
        const item = readDevice(element);
        device = item.id;
        yield item;
      } else {
        const runs = element.name === 'ref' ? referred(definitions, element) : [readRun(element)];
        for (const run of runs) {
          if (definition === undefined) yield { kind: 'mapping', device, ...run };
          else definition.push(run);
        }
      }
    }
  }
  scanner.end();
}

function referred(definitions: ReadonlyMap<string, readonly Run[]>, element: Element) {
  const name = text(element, 'name');
  const runs = definitions.get(name);
  if (runs !== undefined) return runs;
  throw notUnderstood(PROGRAM, 'a <ref> to a <def>', name);
}
