import test from 'ava';
import fc from 'fast-check';
import { trailerBytes, trailerFinder } from '../../../vm/trailer.ts';

const trailer = trailerBytes('end');

test('the output is complete for any split of the stream', (t) => {
  const piece = fc.oneof(
    fc.uint8Array(),
    fc.constant(trailer.subarray(0, 3)),
    fc.constant(Buffer.from('\0\0end\0')),
  );
  const whole = () =>
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(9)), (pieces, cuts) => {
        const output = Buffer.concat(pieces);
        fc.pre(!output.includes(trailer));
        // The beginning of a trailer at the end of the output must not swallow the trailer itself.
        const stream = Buffer.concat([output, trailer, Buffer.from('late')]);
        const finder = trailerFinder(trailer);
        const got: Buffer[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          got.push(finder.push(stream.subarray(at, at + cut)));
          at = Math.min(at + cut, stream.length);
        }
        return finder.found && Buffer.concat(got).equals(output);
      }),
    );
  t.notThrows(whole);
});

test('only a possible beginning of the trailer is held back', (t) => {
  const finder = trailerFinder(trailer);
  t.is(finder.push(Buffer.from('text')).toString(), 'text');
  t.is(finder.push(Buffer.from('more\0en')).toString(), 'more');
  t.is(finder.held.toString(), '\0en');
  t.is(finder.push(Buffer.from('x')).toString(), '\0enx');
  t.false(finder.found);
  t.is(finder.held.length, 0);
});

test('text that contains the word of the trailer does not end the stream', (t) => {
  const finder = trailerFinder(trailer);
  t.is(finder.push(Buffer.from('trailer=end\n')).toString(), 'trailer=end\n');
  t.false(finder.found);
});
