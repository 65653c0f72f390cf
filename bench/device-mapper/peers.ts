// The peers of an operation: programs that measure themselves, and processes that processes.c measures.

import { fileURLToPath } from 'node:url';
import { commandWords, processLine } from './commands.ts';
import type { Operation, PeerName } from './operations.ts';
import { type Place, placeWords } from './place.ts';

/** How a peer is started and asked. */
export interface Peer {
  readonly name: PeerName;
  readonly command: readonly string[];
  /** Whether each operation is a process, of which a round measures one. */
  readonly isProcess: boolean;
  /** The line for some samples; `undefined` if the peer lacks the operation. */
  readonly line: (operation: Operation, samples: number) => string | undefined;
}

const DMTS_PEER = fileURLToPath(new URL('./guest/dmts-peer.js', import.meta.url));
const CLI = fileURLToPath(new URL('../../../dist/cli/main.cjs', import.meta.url));

/** What ThinPool does. */
const POOL_WORDS: readonly string[] = ['create_thin', 'create_snap', 'activate', 'deactivate'];

const inOneProcess = (
  name: PeerName,
  command: readonly string[],
  has: (word: string) => boolean = () => true,
): Peer => ({
  name,
  command,
  isProcess: false,
  line: ({ word }, samples) => (has(word) ? `${word} ${samples}` : undefined),
});

/** All peers. `programs` has the compiled programs, `longTable` is the path of the long table. */
export function peersOf(programs: string, place: Place, longTable: string): readonly Peer[] {
  const words = placeWords(place);
  const dmts = (mode: PeerName): readonly string[] => [process.execPath, DMTS_PEER, mode, ...words];
  const asProcesses = (name: PeerName, program: readonly string[]): Peer => ({
    name,
    command: [`${programs}/processes`],
    isProcess: true,
    line: ({ word }, samples) =>
      processLine(samples, program, commandWords(word, place, longTable)),
  });
  return [
    inOneProcess('raw', [`${programs}/raw`, ...words]),
    inOneProcess('libdevmapper', [`${programs}/libdevmapper`, ...words]),
    inOneProcess('threads', dmts('threads')),
    inOneProcess('inline', dmts('inline')),
    inOneProcess('pool', dmts('pool'), (word) => POOL_WORDS.includes(word)),
    asProcesses('dmsetup', ['dmsetup']),
    asProcesses('dmts command', [process.execPath, CLI]),
  ];
}
