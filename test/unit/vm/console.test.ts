import test from 'ava';
import { consoleRing } from '../../../vm/console.ts';

test('the last lines remain, in order, without line ends', (t) => {
  const ring = consoleRing(3);
  ring.write(Buffer.from('1\r\n2\r\n3\r\n4\r\n'));
  t.deepEqual(ring.lines(), ['2', '3', '4']);
});

test('chunks are joined, even inside a character; an unfinished line counts', (t) => {
  const ring = consoleRing(2);
  for (const byte of Buffer.from('a\nb\nché')) ring.write(Buffer.from([byte]));
  t.deepEqual(ring.lines(), ['b', 'ché']);
});

test('escape sequences and control characters are removed, tabs remain', (t) => {
  const ring = consoleRing(2);
  ring.write(Buffer.from('\x1bc\x1b[2J\x1b[1;31mred\x1b[0m\ttab\x07\n'));
  t.deepEqual(ring.lines(), ['red\ttab']);
});

test('a line without an end takes no more memory than its limit', (t) => {
  const ring = consoleRing(2);
  for (let i = 0; i < 100; i += 1) ring.write(Buffer.alloc(1000, 0x61));
  ring.write(Buffer.from('\n'));
  t.true(ring.lines().every((line) => line.length <= 500));
});
