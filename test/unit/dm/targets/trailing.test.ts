// Every target keeps words that a newer kernel appends.

import test from 'ava';
import { targetKinds } from '../../../../src/dm/targets/registry.ts';
import type { TargetKind } from '../../../../src/dm/targets/words/kind.ts';
import { revealed } from '../../../support/arbitraries/target-properties.ts';

const KEY = '00112233445566778899aabbccddeeff';
const HASH = 'ab'.repeat(32);

/** A text of each target with all optional parts, including empty groups. */
const WHOLE: Readonly<Record<string, string>> = {
  cache: '7:0 7:1 7:2 128 0 smq 0',
  clone: '7:0 7:1 7:2 8 0 0',
  crypt: `aes-xts-plain64 ${KEY} 0 7:0 0 0`,
  delay: '7:0 0 5 7:1 0 6 7:2 0 7',
  dust: '7:0 0 512',
  ebs: '7:0 0 1 8',
  era: '7:0 7:1 128',
  error: '',
  flakey: '7:0 0 1 2 0',
  inlinecrypt: `aes-xts-plain64 ${KEY} 0 7:0 0 0`,
  integrity: '7:0 0 4 J 0',
  linear: '7:0 8',
  'log-writes': '7:0 7:1',
  mirror: 'core 1 1024 2 7:0 0 7:1 0 0',
  multipath: '0 0 1 1 round-robin 0 1 1 7:0 1',
  pcache: '7:0 7:1 0',
  raid: 'raid1 1 0 2 - 7:0 - 7:1',
  snapshot: '7:0 7:1 P 16 0',
  'snapshot-merge': '7:0 7:1 P 16 0',
  'snapshot-origin': '7:0',
  striped: '2 128 7:0 0 7:1 0',
  switch: '1 64 0 7:0 0',
  thin: '253:0 7 7:1',
  'thin-pool': '7:0 7:1 128 0 0',
  unstriped: '2 128 0 7:0 0',
  verity: `1 7:0 7:1 4096 4096 8 1 sha256 ${HASH} - 0`,
  writecache: 's 7:0 7:1 4096 0',
  zero: '',
};

/** Targets with any number of words: each further word is a device, or an option in `extra`. */
const OPEN_ENDED = ['vdo', 'zoned'];

test('each target is covered', (t) => {
  t.deepEqual([...Object.keys(WHOLE), ...OPEN_ENDED].sort(), [...targetKinds.keys()].sort());
});

for (const [type, whole] of Object.entries(WHOLE)) {
  const kind = targetKinds.get(type) as unknown as TargetKind<object, unknown>;
  const trailing = ['new_word', '7'];
  const longer = [...(whole === '' ? [] : [whole]), ...trailing].join(' ');

  test(`${type}: words after the last one are kept and formatted again`, (t) => {
    const params = kind.parseParams(longer);
    t.deepEqual(revealed(params), { ...(revealed(kind.parseParams(whole)) as object), trailing });
    t.is(kind.formatParams(params), longer);
    t.is(revealed(kind({ length: 8, ...params }).params), longer);
  });

  test(`${type}: a trailing word must be one word`, (t) => {
    t.throws(() => kind.formatParams({ ...kind.parseParams(whole), trailing: 'a' } as object), {
      code: 'ERR_DMTS_INPUT',
      message: new RegExp(`^${type}\\.trailing: expected an array of words`),
    });
    const params = { ...kind.parseParams(whole), trailing: ['a', 'b c'] };
    t.throws(() => kind.formatParams(params), {
      code: 'ERR_DMTS_INPUT',
      message: new RegExp(`^${type}\\.trailing\\[1\\]: expected one word without blanks`),
    });
  });
}

// Trailing words would be parsed in the place of omitted words.
for (const [type, params] of [
  ['thin', { pool: '253:0', id: 7 }],
  ['ebs', { device: '7:0', emulatedSize: 1 }],
  ['delay', { read: { device: '7:0' } }],
  ['delay', { read: { device: '7:0' }, write: { device: '7:0' } }],
  ['vdo', { device: '7:0', physicalBlocks: 8n }],
  ['zoned', { devices: ['7:0'] }],
] as const) {
  test(`${type}: trailing words are rejected if others are omitted: ${Object.keys(params)}`, (t) => {
    const kind = targetKinds.get(type) as unknown as TargetKind<object, unknown>;
    for (const trailing of [['7'], ['new', '7', '8'], ['new', 'x']]) {
      t.throws(() => kind.formatParams({ ...params, trailing }), {
        code: 'ERR_DMTS_INPUT',
        message: new RegExp(
          `^${type}\\.trailing: expected no words, because parameters before them are omitted`,
        ),
      });
    }
  });
}

test('null and a hole are not trailing words', (t) => {
  for (const [type, whole] of Object.entries(WHOLE)) {
    const kind = targetKinds.get(type) as unknown as TargetKind<object, unknown>;
    const params = kind.parseParams(whole);
    const text = kind.formatParams(params);
    t.is(kind.formatParams({ ...params, trailing: null } as object), text);
    t.throws(() => kind.formatParams({ ...params, trailing: new Array(2) } as object), {
      code: 'ERR_DMTS_INPUT',
    });
  }
});

for (const text of [
  `7:0 0 - J 1 internal_hash:hmac(sha256):${KEY} journal_mac:hmac(sha256):${KEY}`,
  `7:0 0 4 J 1 new_key:${KEY}`,
]) {
  test(`a word that may be a key is rejected: integrity ${text.slice(0, 30)}`, (t) => {
    const error = t.throws(() => targetKinds.get('integrity')!.parseParams(text), {
      code: 'ERR_DMTS_REPLY',
      message: /further word .*: expected no word that may be a key/,
    });
    t.false(String(error?.message).includes(KEY.slice(0, 12)));
  });
}

for (const type of ['crypt', 'inlinecrypt']) {
  test(`a word that may be a key is rejected: ${type}`, (t) => {
    t.throws(() => targetKinds.get(type)!.parseParams(`${WHOLE[type]} ${KEY}`), {
      code: 'ERR_DMTS_REPLY',
      message: /further word .*: expected no word that may be a key/,
    });
  });
}
