import { inspect } from 'node:util';
import test from 'ava';
import { typeLines } from '../../../../src/dm/device/parse-lines.ts';
import { parseConcise, parseTable } from '../../../../src/index.ts';

const KEY = '00112233445566778899aabbccddeeff'.repeat(4);

/** JSON with bigints as strings. */
const json = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));

for (const [type, params] of [
  ['crypt', `aes-xts-plain64 ${KEY} 0 7:0 0 1 allow_discards`],
  ['crypt', `aes-xts-plain64 ${KEY} x 7:0 0`],
  ['inlinecrypt', `aes-xts-plain64 ${KEY} 8 7:0 16`],
  ['integrity', `7:2 0 4 J 1 internal_hash:hmac(sha256):${KEY}`],
  ['integrity', `7:2 0 4 J 2 journal_crypt:ctr(aes):${KEY} journal_mac:hmac(sha256):${KEY}`],
] as const) {
  test(`printing a line shows no key: ${type} ${params.replaceAll(KEY, 'KEY')}`, (t) => {
    const lines = typeLines('d', [{ start: 0n, length: 8n, type, params }], 'parseParams');
    t.is(lines[0]!.params, params);
    const problem = lines[0]!.problem;
    for (const text of [
      json(lines),
      json({ targets: lines }),
      inspect(lines, { depth: 9 }),
      inspect(lines, { depth: 9, showHidden: true }),
      inspect(problem, { depth: 9, showHidden: true }),
      String(problem),
    ]) {
      t.false(text.includes(KEY.slice(0, 16)), text);
    }
    t.true(json(lines).includes('"params"'));
  });
}

test('printing a parsed table shows no key', (t) => {
  const params = `aes-xts-plain64 ${KEY} 0 7:0 0`;
  const text = `0 8 crypt ${params}`;
  const table = parseTable(text);
  const devices = parseConcise(`vol,,,rw,${text}`);
  t.deepEqual([table[0]!.params, devices[0]!.table[0]!.params], [params, params]);
  for (const value of [table, devices]) {
    t.false(json(value).includes(KEY.slice(0, 16)));
    t.false(inspect(value, { depth: 9, showHidden: true }).includes(KEY.slice(0, 16)));
    t.true(json(value).includes('"params":"aes-xts-plain64 0000'));
  }
});

for (const [type, params] of [
  ['linear', '7:0 0'],
  ['crypt', 'aes-xts-plain64 :64:logon:name 0 7:0 0'],
  ['verity', `1 7:0 7:1 4096 4096 16 0 sha256 ${KEY} 00 2 root_hash_sig_key_desc name`],
] as const) {
  test(`printing a line without a key shows its parameters: ${type}`, (t) => {
    const lines = typeLines('d', [{ start: 0n, length: 8n, type, params }], 'parseParams');
    t.true(json(lines).includes(params));
  });
}
