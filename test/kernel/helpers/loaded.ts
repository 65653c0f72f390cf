// The table and status of a device that is there already, as records.

import type { ExecutionContext } from 'ava';
import type { DeviceMapper, Messages, TargetKind, TrailingWords } from '../../../src/index.ts';

/** The only target's parameters as the kernel has them; they are written again with the same words. */
export async function loadedParams<P, S, M extends Messages, R>(
  t: ExecutionContext,
  dm: DeviceMapper,
  kind: TargetKind<P, S, M, R>,
  name: string,
): Promise<R> {
  const { targets } = await dm.table(name);
  const text = targets[0]!.params.trimEnd();
  const record = kind.parseParams(text);
  // In which order they are is the version's affair.
  t.deepEqual(
    kind
      .formatParams(record as unknown as P & TrailingWords)
      .split(' ')
      .sort(),
    text.split(' ').sort(),
  );
  return record;
}

/** The only target's status. */
export async function loadedStatus<P, S, M extends Messages, R>(
  dm: DeviceMapper,
  kind: TargetKind<P, S, M, R>,
  name: string,
): Promise<S> {
  const { targets } = await dm.status(name);
  return kind.parseStatus(targets[0]!.params);
}

/** Ask again until the answer is right, for a minute at most. */
export async function until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer) || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
