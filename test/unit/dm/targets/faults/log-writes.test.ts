import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { logWrites } from '../../../../../src/dm/targets/faults/log-writes.ts';
import { encodedLength, encodeText, writeEncoded } from '../../../../../src/dm/text/secret-text.ts';
import { InputError } from '../../../../../src/dm/wire/errors.ts';
import { runs } from '../../../../support/arbitraries/runs.ts';
import { anyLogWrites } from '../../../../support/arbitraries/targets/log-writes.ts';
import { anyCharacter } from '../../../../support/arbitraries/values.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

testRows(logWrites, {
  params: [['7:0 7:1', { device: '7:0', logDevice: '7:1' }]],
  notWritten: [
    [{ device: 'a', logDevice: '7:1' }, 'log-writes.device'],
    [{ device: '7:0', logDevice: '/dev/my log' }, 'log-writes.logDevice'],
  ],
  noParams: [['7:0', 'log-writes, log device']],
  status: [
    ['0 0', { entries: 0n, lastSector: 0n, logging: true, extra: [] }],
    ['1 1', { entries: 1n, lastSector: 1n, logging: true, extra: [] }],
    [
      '18446744073709551615 9 logging_disabled new',
      { entries: 2n ** 64n - 1n, lastSector: 9n, logging: false, extra: ['new'] },
    ],
  ],
  noStatus: [
    ['', 'log-writes status, entries'],
    ['1', 'log-writes status, last sector'],
  ],
});

testLaws(logWrites, anyLogWrites, ['1 1', '5 9 logging_disabled']);

const { mark } = logWrites.messages;

test('the kernel parses a mark as one word', (t) => {
  t.is(mark('hello'), 'mark hello');
  t.is(mark('fsync done'), 'mark fsync\\ done');
  t.is(mark('a\\b\tc\n'), 'mark a\\\\b\\\tc\\\n');
});

for (const text of ['', 'a\0b']) {
  test(`invalid mark: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => mark(text), { instanceOf: InputError, message: /^mark: / });
  });
}

/** dm_split_args() of drivers/md/dm-table.c, in bytes. */
function splitArgs(message: string): readonly string[] {
  const isBlank = (byte: number): boolean =>
    byte === 0xa0 || byte === 0x20 || (byte > 8 && byte < 14);
  const args: number[][] = [];
  const encoded = encodeText(message);
  const sent = Buffer.alloc(encodedLength(encoded));
  writeEncoded(encoded, sent, 0);
  const bytes = [...sent];
  let at = 0;
  while (at < bytes.length) {
    if (isBlank(bytes[at]!)) {
      at += 1;
      continue;
    }
    const arg: number[] = [];
    while (at < bytes.length && !isBlank(bytes[at]!)) {
      if (bytes[at] === 0x5c && at + 1 < bytes.length) at += 1;
      arg.push(bytes[at]!);
      at += 1;
    }
    args.push(arg);
  }
  return args.map((arg) => Buffer.from(arg).toString());
}

test('any mark reaches the kernel unchanged or is rejected', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 30 }), (text) => {
      try {
        assert.deepEqual(splitArgs(mark(text)), ['mark', text]);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    }),
    runs(500),
  );
  t.pass();
});
