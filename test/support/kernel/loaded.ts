// The table and status of an existing device, as records.

import type { ExecutionContext } from 'ava';
import type { DeviceMapper, Messages, TargetKind, TrailingWords } from '../../../src/index.ts';

/** Read the parameters of the only target, and check that they format to the same words. */
export async function loadedParams<P, S, M extends Messages, R>(
  t: ExecutionContext,
  dm: DeviceMapper,
  kind: TargetKind<P, S, M, R>,
  name: string,
): Promise<R> {
  const { targets } = await dm.table(name);
  const text = targets[0]!.params.trimEnd();
  const record = kind.parseParams(text);
  // The order depends on the target version.
  t.deepEqual(
    kind
      .formatParams(record as unknown as P & TrailingWords)
      .split(' ')
      .sort(),
    text.split(' ').sort(),
  );
  return record;
}

/** Read the status of the only target. */
export async function loadedStatus<P, S, M extends Messages, R>(
  dm: DeviceMapper,
  kind: TargetKind<P, S, M, R>,
  name: string,
): Promise<S> {
  const { targets } = await dm.status(name);
  return kind.parseStatus(targets[0]!.params);
}

/** Repeat a query until the answer is accepted, for at most a minute. */
export async function until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer) || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
