import test from 'ava';
import { attempt, withCleanup, yieldWithCleanup } from '../../../../src/ioctl/input/attempt.ts';

const fail = async (why: string): Promise<never> => {
  throw new Error(why);
};

test('an attempt returns its result, or undefined after a failure', async (t) => {
  t.is(await attempt(() => 1), 1);
  t.is(await attempt(async () => 2), 2);
  t.is(await attempt(() => fail('async')), undefined);
  t.is(
    await attempt(() => {
      throw new TypeError('sync');
    }),
    undefined,
  );
});

test('a cleanup runs after its task, and its error does not replace that of the task', async (t) => {
  const done: string[] = [];
  const cleanup = async (): Promise<void> => void done.push('cleanup');
  t.is(await withCleanup(async () => 1, cleanup), 1);
  await t.throwsAsync(
    withCleanup(() => fail('task'), cleanup),
    { message: 'task' },
  );
  await t.throwsAsync(
    withCleanup(
      () => fail('task'),
      () => fail('cleanup'),
    ),
    { message: 'task' },
  );
  await t.throwsAsync(
    withCleanup(
      async () => 1,
      () => fail('cleanup'),
    ),
    { message: 'cleanup' },
  );
  t.deepEqual(done, ['cleanup', 'cleanup']);
});

async function* numbers(end: () => Promise<void>): AsyncGenerator<number, void, void> {
  yield 1;
  await end();
}
const collect = async (items: AsyncIterable<number>): Promise<readonly number[]> => {
  const all: number[] = [];
  for await (const item of items) all.push(item);
  return all;
};

test('the cleanup of a generator runs at any end, and its error does not replace that of the generator', async (t) => {
  let cleanups = 0;
  const cleanup = async (): Promise<void> => void cleanups++;
  const well = async (): Promise<void> => undefined;
  t.deepEqual(await collect(yieldWithCleanup(numbers(well), cleanup)), [1]);
  for await (const _ of yieldWithCleanup(numbers(well), cleanup)) break;
  t.is(cleanups, 2);
  const broken = yieldWithCleanup(
    numbers(() => fail('items')),
    () => fail('cleanup'),
  );
  await t.throwsAsync(collect(broken), { message: 'items' });
  const dirty = yieldWithCleanup(numbers(well), () => fail('cleanup'));
  await t.throwsAsync(collect(dirty), { message: 'cleanup' });
});
