// Counts the system calls of a peer with strace, between the marks that it sets around its work.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeerProcess } from './peer-process.ts';

/** The calls of some work. */
export interface Counts {
  /** ioctls on the control node. */
  readonly ioctls: number;
  readonly calls: number;
}

/** The calls between each pair of marks in the output of strace. */
export function countCalls(trace: string): readonly Counts[] {
  const counts: Counts[] = [];
  let current: Counts | undefined;
  for (const line of trace.split('\n')) {
    if (line.includes('"/bench/begin"')) current = { ioctls: 0, calls: 0 };
    else if (current && line.includes('"/bench/end"')) {
      counts.push(current);
      current = undefined;
    } else if (current && /^\d+ +\w+\(/.test(line)) {
      // A call that another thread interrupts in the trace has a second line, which begins with "<...".
      const isIoctl = /ioctl\(\d+<[^>]*\/mapper\/control/.test(line);
      current = { ioctls: current.ioctls + (isIoctl ? 1 : 0), calls: current.calls + 1 };
    }
  }
  return counts;
}

/** A peer below strace. */
export class TracedPeer {
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'bench-trace-'));
  readonly #peer: PeerProcess;
  #lines = 0;

  constructor(command: readonly string[]) {
    const options = ['-f', '-qq', '-y', '-s', '32', '-e', 'signal=none', '-o', this.#file];
    this.#peer = new PeerProcess(['strace', ...options, ...command]);
  }

  get #file(): string {
    return join(this.#directory, 'trace');
  }

  /** Makes the peer do some work. @returns the number of the line, from 0 */
  async ask(line: string): Promise<number> {
    await this.#peer.ask(line);
    return this.#lines++;
  }

  /** Ends the peer. @returns the counts of each line that it was asked, in order */
  async end(): Promise<readonly Counts[]> {
    await this.#peer[Symbol.asyncDispose]();
    try {
      return countCalls(readFileSync(this.#file, 'utf8'));
    } finally {
      rmSync(this.#directory, { recursive: true });
    }
  }
}
