// Work on files in a thread of its own, so that the event loop does not wait for the disk.

import { onAbort } from '../../../ioctl/input/on-abort.ts';
import { checkSyscall } from '../../../ioctl/libc/libc.ts';
import type { DiffOptions } from '../tree/options.ts';
import { OwnerEnd } from './owner-end.ts';
import type { ListedChange, Results, Task, TaskReply } from './protocol.ts';
import { Ring, ringMemory } from './ring.ts';
import { receiveError } from './sent-error.ts';
import { type DiffThread, diffThreads } from './threads.ts';

type TaskOf<Kind extends Task['kind']> = Extract<Task, { readonly kind: Kind }>;

/** What work needs of its thread. */
type WorkThread = Pick<DiffThread, 'begin' | 'awaited'>;

/** Options, and the callbacks for the messages of the thread. */
export interface WorkOptions extends DiffOptions {
  readonly onChanges?: (changes: readonly ListedChange[]) => void;
}

/** Work that has begun. Disposing ends it early if it is not done. */
export class Work<Kind extends Task['kind']> implements AsyncDisposable {
  /** The bytes of the tar. */
  readonly ring: OwnerEnd;
  /** Resolves when the thread has stopped. */
  readonly stopped: Promise<void>;
  readonly #thread: WorkThread;
  readonly #result: Promise<Results[Kind]>;
  /** The work was cancelled: by its owner, its signal, or a callback that threw. */
  #isCancelled = false;
  /** What a callback of the owner has thrown. */
  #thrown: { readonly error: unknown } | undefined;

  constructor(thread: WorkThread, task: TaskOf<Kind>, options: WorkOptions) {
    const { signal } = options;
    const memory = ringMemory();
    this.#thread = thread;
    this.ring = new OwnerEnd(new Ring(memory), (promise) => thread.awaited(promise));
    const stopListening = onAbort(signal, () => this.#cancel());
    this.#result = new Promise((resolve, reject) => {
      thread.begin({ task, memory }, (reply) => this.#receive(reply, options, resolve), reject);
    });
    this.stopped = this.#result
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        stopListening();
        this.ring.over();
      });
  }

  /** Waits until the thread has stopped. The process does not end before. */
  over(): Promise<void> {
    return this.#thread.awaited(this.stopped);
  }

  /** The result. The process does not end before it is there. @throws the error of the work, or the signal's reason */
  result(): Promise<Results[Kind]> {
    return this.#thread.awaited(this.#result);
  }

  #receive(
    reply: TaskReply,
    { signal, onProgress, onChanges }: WorkOptions,
    resolve: (result: Results[Kind]) => void,
  ): void {
    switch (reply.kind) {
      case 'wake':
        this.ring.woken();
        break;
      case 'progress':
        this.#tell(() => onProgress?.(reply.progress));
        break;
      case 'changes':
        this.#tell(() => onChanges?.(reply.changes));
        break;
      default:
        signal?.throwIfAborted();
        if (this.#thrown) throw this.#thrown.error;
        if (reply.kind === 'failed') throw receiveError(reply.error);
        resolve(reply.result as Results[Kind]);
    }
  }

  /** Calls a callback of the owner. Its error ends the work. */
  #tell(callback: () => void): void {
    if (this.#isCancelled) return;
    try {
      callback();
    } catch (error) {
      this.#thrown = { error };
      this.#cancel();
    }
  }

  #cancel(): void {
    this.#isCancelled = true;
    this.ring.cancel();
  }

  /** Cancels the work if it is not done, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel();
    await this.over();
  }
}

/**
 * Begins work in a thread.
 * @throws UnavailableError if system calls are not available or no thread can be started, and the signal's reason
 */
export async function startWork<Kind extends Task['kind']>(
  task: TaskOf<Kind>,
  options: WorkOptions,
): Promise<Work<Kind>> {
  checkSyscall('openat2');
  const threads = await diffThreads();
  return new Promise((resolve, reject) => {
    const begin = (thread: DiffThread): Promise<void> => {
      const work = new Work(thread, task, options);
      resolve(work);
      return work.stopped;
    };
    threads.run(begin, options.signal).catch(reject);
  });
}
