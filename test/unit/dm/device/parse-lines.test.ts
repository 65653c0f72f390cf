import test from 'ava';
import { typeLines } from '../../../../src/dm/device/parse-lines.ts';
import { hasParams, hasStatus } from '../../../../src/dm/device/typed-line.ts';
import { linear, thinPool, zero } from '../../../../src/dm/targets/index.ts';

const line = (type: string, params: string) => ({ start: 0n, length: 8n, type, params });

test('the status of a typed target has a record', (t) => {
  const [typed] = typeLines(
    'd',
    [line('thin-pool', '0 1/2 3/4 - rw discard_passdown queue_if_no_space - 1 ')],
    'parseStatus',
  );
  t.true(hasStatus(typed!, thinPool));
  if (hasStatus(typed!, thinPool) && typed.record.state === 'working')
    t.is(typed.record.data.used, 3n);
});

test('the table of a typed target has a record, and the unchanged text', (t) => {
  const [typed] = typeLines('d', [line('linear', '7:0 8')], 'parseParams');
  t.true(hasParams(typed!, linear));
  t.deepEqual(typed!.record, { device: '7:0', offset: 8n });
  t.is(typed!.params, '7:0 8');
});

test('an untyped target has only its text', (t) => {
  t.deepEqual(typeLines('d', [line('brand-new', 'a b')], 'parseStatus'), [
    { ...line('brand-new', 'a b'), record: undefined },
  ]);
});

test('a text that cannot be parsed has a problem, and the unchanged text', (t) => {
  const [typed] = typeLines('d', [line('linear', '7:0')], 'parseParams');
  t.is(typed!.record, undefined);
  t.regex(
    typed!.problem?.message ?? '',
    /^cannot parse the kernel's reply for 'd': linear, offset \(word 2\).*, in "7:0"$/,
  );
  t.is(typed!.params, '7:0');
  t.false(hasParams(typed!, linear));
});

test('a target without a status has neither record nor problem', (t) => {
  const [typed] = typeLines('d', [line('zero', '')], 'parseStatus');
  t.false(hasStatus(typed!, zero));
  t.is(typed!.problem, undefined);
});
