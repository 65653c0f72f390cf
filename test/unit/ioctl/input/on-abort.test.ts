import { getEventListeners } from 'node:events';
import test from 'ava';
import { onAbort } from '../../../../src/ioctl/input/on-abort.ts';

const count = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('an abort calls each listener once, in order, and leaves no listener on the signal', (t) => {
  const controller = new AbortController();
  const { signal } = controller;
  const calls: string[] = [];
  for (const name of ['first', 'second', 'third']) onAbort(signal, () => calls.push(name));
  t.is(count(signal), 1);
  controller.abort();
  t.deepEqual(calls, ['first', 'second', 'third']);
  t.is(count(signal), 0);
});

test('a listener that has been removed is not called; the last one leaves the signal', (t) => {
  const controller = new AbortController();
  const { signal } = controller;
  const calls: string[] = [];
  const removeFirst = onAbort(signal, () => calls.push('first'));
  const removeSecond = onAbort(signal, () => calls.push('second'));
  removeFirst();
  removeFirst();
  t.is(count(signal), 1);
  controller.abort();
  t.deepEqual(calls, ['second']);
  removeSecond();
  const removeThird = onAbort(new AbortController().signal, () => {});
  removeThird();
  t.is(count(signal), 0);
});

test('the same function can listen twice', (t) => {
  const controller = new AbortController();
  let calls = 0;
  const listener = (): void => {
    calls += 1;
  };
  const remove = onAbort(controller.signal, listener);
  onAbort(controller.signal, listener);
  remove();
  controller.abort();
  t.is(calls, 1);
});

test('a listener that another one removes during the abort is not called', (t) => {
  const controller = new AbortController();
  const calls: string[] = [];
  onAbort(controller.signal, () => {
    calls.push('first');
    removeSecond();
  });
  const removeSecond = onAbort(controller.signal, () => calls.push('second'));
  controller.abort();
  t.deepEqual(calls, ['first']);
});

test('signals do not share listeners, and an aborted signal or none calls nothing', (t) => {
  const [one, other] = [new AbortController(), new AbortController()];
  const calls: string[] = [];
  onAbort(one.signal, () => calls.push('one'));
  onAbort(other.signal, () => calls.push('other'));
  one.abort();
  onAbort(one.signal, () => calls.push('late'));
  onAbort(undefined, () => calls.push('none'))();
  t.deepEqual(calls, ['one']);
});
