// A peer: a process that measures. It reads one line for each measurement, and answers with one line.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A running peer. */
export class PeerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  readonly #command: readonly string[];

  constructor(command: readonly string[]) {
    const [file = '', ...args] = command;
    this.#command = command;
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
    // The end of its output reports that it has ended.
    this.#child.stdin!.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** The nanoseconds of each sample. @throws Error if the peer ends */
  async ask(line: string): Promise<readonly number[]> {
    this.#child.stdin!.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`cannot measure "${line}": ${this.#command.join(' ')} has ended`);
    return String(value).trim().split(' ').map(Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin!.end();
    await this.#ended;
  }
}
