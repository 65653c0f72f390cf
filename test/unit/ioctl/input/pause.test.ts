import test from 'ava';
import { pause } from '../../../../src/ioctl/input/pause.ts';

test('a pause ends after its time', async (t) => {
  const start = performance.now();
  await pause(20);
  t.true(performance.now() - start >= 19);
});

test('an abort ends a pause at once, with its reason', async (t) => {
  const aborted = new AbortController();
  const reason = new RangeError('enough');
  const waiting = pause(60_000, aborted.signal);
  aborted.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
  t.is(await t.throwsAsync(pause(60_000, aborted.signal)), reason, 'before it began, too');
});
