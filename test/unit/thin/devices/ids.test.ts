import test from 'ava';
import fc from 'fast-check';
import { ThinIds } from '../../../../src/thin/devices/ids.ts';

const MAX = 2 ** 24 - 1;

test('an id is allocated once, and not again soon after it was freed', (t) => {
  const ids = new ThinIds([1, 3]);
  t.deepEqual([ids.allocate(), ids.allocate(), ids.allocate()], [0, 2, 4]);
  ids.free(2);
  t.is(ids.allocate(), 5);
  t.is(ids.size, 6 - 1);
});

test('the smallest free id follows the largest id', (t) => {
  const ids = new ThinIds([0], MAX);
  t.deepEqual([ids.allocate(), ids.allocate()], [MAX, 1]);
});

test('without a free id the allocation returns undefined', (t) => {
  const ids = new ThinIds(Array.from({ length: MAX + 1 }, (_, id) => id));
  t.is(ids.size, MAX + 1);
  t.is(ids.allocate(), undefined);
  ids.free(77);
  t.is(ids.allocate(), 77);
  t.is(ids.allocate(), undefined);
});

for (const id of [-1, 1.5, MAX + 1, Number.NaN]) {
  test(`${id} is not an id`, (t) => {
    const expected = { code: 'ERR_DMTS_INPUT', message: /an integer from 0 to 16777215/ };
    t.throws(() => new ThinIds([id]), expected);
    t.throws(() => new ThinIds([], id), expected);
    t.throws(() => new ThinIds().free(id), expected);
  });
}

test('the generator accepts the same ids as a set', (t) => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('allocate' as const) }),
    fc.record({ do: fc.constantFrom('take' as const, 'free' as const), id: fc.nat(40) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(40), (steps, next) => {
      const ids = new ThinIds([], next);
      const taken = new Set<number>();
      for (const one of steps) {
        if (one.do === 'take') {
          ids.take(one.id);
          taken.add(one.id);
        } else if (one.do === 'free') {
          ids.free(one.id);
          taken.delete(one.id);
        } else {
          const id = ids.allocate();
          if (id === undefined || taken.has(id)) return false;
          taken.add(id);
        }
      }
      return ids.size === taken.size && [...taken].every((id) => ids.has(id));
    }),
  );
  t.pass();
});
