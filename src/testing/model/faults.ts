// Errors and stuck calls, made to order.

import type { DmCommand } from '../../dm/commands.ts';
import { errnoNumber } from '../../ioctl/errno.ts';
import type { FakeRequest } from '../fake-kernel.ts';

/** Which calls: those of a command by the kernel's name (`'DM_DEV_REMOVE'`), or those a function picks. */
export type CallFilter = DmCommand['name'] | ((request: FakeRequest) => boolean);

/** How often something goes wrong. */
export interface FaultOptions {
  /** @default 1 */
  readonly times?: number;
}

/** Something that goes wrong until it has done so often enough. */
export interface Fault {
  /** How many calls it has met so far. */
  readonly met: number;
  /** Let calls through from now on; those that hang go on, too. */
  readonly end: () => void;
}

interface Planned {
  readonly matches: (request: FakeRequest) => boolean;
  readonly meet: (request: FakeRequest) => Promise<string | undefined>;
  left: number;
  met: number;
}

/** The faults of a kernel, in the order they were asked for: the first that fits is the one that happens. */
export class Faults {
  readonly #planned: Planned[] = [];

  /** Whether nothing is to go wrong. */
  get none(): boolean {
    return this.#planned.every(({ left }) => left === 0);
  }

  /** Refuse calls with an errno. */
  fail(filter: CallFilter, code: string, options: FaultOptions): Fault {
    errnoNumber(code); // a code nobody knows is a mistake in the test
    return this.#plan(
      filter,
      options,
      async () => code,
      () => undefined,
    );
  }

  /** Let calls hang until they are aborted, or the fault is ended: then they are carried out. */
  hang(filter: CallFilter, options: FaultOptions): Fault {
    const ended = new AbortController();
    const stuck = async ({ signal }: FakeRequest): Promise<string | undefined> => {
      // A thread stuck in the kernel keeps its process alive; without that, a process with nothing else
      // to do would end before a signal that comes by a timer.
      const alive = setInterval(() => undefined, 2 ** 31 - 1);
      const result = await Promise.race([when(ended.signal, undefined), when(signal, 'EINTR')]);
      clearInterval(alive);
      return result;
    };
    return this.#plan(filter, options, stuck, () => ended.abort());
  }

  #plan(
    filter: CallFilter,
    { times = 1 }: FaultOptions,
    meet: Planned['meet'],
    end: () => void,
  ): Fault {
    const matches =
      typeof filter === 'string' ? ({ command }: FakeRequest) => command.name === filter : filter;
    const planned: Planned = { matches, meet, left: times, met: 0 };
    this.#planned.push(planned);
    return {
      get met() {
        return planned.met;
      },
      end: () => {
        planned.left = 0;
        end();
      },
    };
  }

  /** What goes wrong with this call, if anything does: its errno. */
  async meet(request: FakeRequest): Promise<string | undefined> {
    const planned = this.#planned.find(({ left, matches }) => left > 0 && matches(request));
    if (planned === undefined) return undefined;
    planned.left--;
    planned.met++;
    return planned.meet(request);
  }
}

/** `result`, once the signal is aborted. */
const when = <T>(signal: AbortSignal | undefined, result: T): Promise<T> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve(result);
    signal?.addEventListener('abort', () => resolve(result), { once: true });
  });
