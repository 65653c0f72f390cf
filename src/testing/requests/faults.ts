// Injected faults: calls that fail or hang.

import { type CommandName, Dm } from '../../dm/wire/commands.ts';
import { isOneOf } from '../../ioctl/input/checks.ts';
import { onAbort } from '../../ioctl/input/on-abort.ts';
import { errnoNumber } from '../../ioctl/libc/errno.ts';
import type { FakeRequest } from './fake-kernel.ts';

/** Selects calls: by the kernel's name of their command (`'DM_DEV_REMOVE'`), or with a function. */
export type CallFilter = `DM_${CommandName}` | ((request: FakeRequest) => boolean);

const NAMES: readonly string[] = Object.values(Dm).map(({ name }) => name);

/** Matches the requests of a command. @throws InputError for another name, which would match no request */
function ofCommand(command: string): (request: FakeRequest) => boolean {
  isOneOf(...NAMES)(command, 'filter');
  return ({ command: { name } }) => name === command;
}

/** Options of a fault. */
export interface FaultOptions {
  /** Number of calls that the fault affects. @default 1 */
  readonly times?: number;
}

/** An injected fault. */
export interface Fault {
  /** Number of calls that it has affected so far. */
  readonly met: number;
  /** Ends the fault. Calls that hang continue. */
  readonly end: () => void;
}

interface Planned {
  readonly matches: (request: FakeRequest) => boolean;
  readonly meet: (request: FakeRequest) => Promise<string | undefined>;
  left: number;
  met: number;
}

/** The faults of a kernel, in the order of their injection. The first matching fault affects a call. */
export class Faults {
  readonly #planned: Planned[] = [];

  /** Whether no fault is pending. */
  get none(): boolean {
    return this.#planned.every(({ left }) => left === 0);
  }

  /** Makes calls fail with an errno. */
  fail(filter: CallFilter, code: string, options: FaultOptions): Fault {
    errnoNumber(code); // Throws for an unknown code, which is a mistake in the test.
    return this.#plan(
      filter,
      options,
      async () => code,
      () => undefined,
    );
  }

  /** Makes calls hang until they are aborted. The end of the fault lets them run. */
  hang(filter: CallFilter, options: FaultOptions): Fault {
    const ended = new AbortController();
    const stuck = async ({ signal }: FakeRequest): Promise<string | undefined> => {
      // Like a thread that is blocked in the kernel, this timer keeps the process alive. Otherwise an idle process
      // would exit before a signal from an unreferenced timer.
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
    const matches = typeof filter === 'function' ? filter : ofCommand(filter);
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

  /** Applies the first matching fault. @returns the errno of a call that fails */
  async meet(request: FakeRequest): Promise<string | undefined> {
    const planned = this.#planned.find(({ left, matches }) => left > 0 && matches(request));
    if (planned === undefined) return undefined;
    planned.left--;
    planned.met++;
    return planned.meet(request);
  }
}

/** Resolves to `result` when the signal is aborted. */
const when = <T>(signal: AbortSignal | undefined, result: T): Promise<T> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve(result);
    onAbort(signal, () => resolve(result));
  });
