import test from 'ava';
import { error } from '../../../../../src/dm/targets/plain/error.ts';
import { linear } from '../../../../../src/dm/targets/plain/linear.ts';
import { zero } from '../../../../../src/dm/targets/plain/zero.ts';

test('a target has its start, or without one follows the previous target', (t) => {
  t.deepEqual(zero({ length: 8 }), { length: 8, type: 'zero', params: '' });
  t.deepEqual(zero({ length: 8, start: 0 }), { start: 0, length: 8, type: 'zero', params: '' });
  t.deepEqual(error({ length: 8n, start: 8n }), {
    start: 8n,
    length: 8n,
    type: 'error',
    params: '',
  });
});

test('a target type has its kernel name', (t) => {
  t.deepEqual(
    [zero, error, linear].map(({ type }) => type),
    ['zero', 'error', 'linear'],
  );
});

test('zero and error have no parameters and no status', (t) => {
  t.deepEqual(zero.parseParams(''), {});
  t.deepEqual(error.parseParams(''), {});
  t.is(zero.parseStatus(''), undefined);
  t.is(error.parseStatus(''), undefined);
});
