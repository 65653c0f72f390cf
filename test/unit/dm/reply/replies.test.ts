import test from 'ava';
import {
  parseDeps,
  parseMessageText,
  parseNames,
  parseTargets,
  parseVersions,
} from '../../../../src/dm/reply/replies.ts';
import type { ReplyError } from '../../../../src/dm/wire/errors.ts';
import {
  depsList,
  emptyNameList,
  messageText,
  nameList,
  targetList,
  versionList,
} from '../../../support/arbitraries/kernel-replies.ts';
import { HOSTILE_REPLY_LAW, REPLY_LAWS } from '../../../support/arbitraries/reply-properties.ts';
import { proves } from '../../../support/arbitraries/runs.ts';

const DEVICES = [
  { name: 'a', dev: 0xfd00n, eventNr: 0, uuid: undefined },
  // The name and its NUL end exactly at byte 24.
  { name: 'eleven-byte', dev: 0xfd01n, eventNr: 7, uuid: 'LVM-x' },
  { name: 'twelve-bytes', dev: 0xfd02n, eventNr: 0xffffffff, uuid: 'u'.repeat(128) },
] as const;

test('parseNames: names with uuids', (t) => {
  t.deepEqual(parseNames(nameList(DEVICES, 'uuids')), DEVICES);
});

test('parseNames: names with event counters only', (t) => {
  t.deepEqual(
    parseNames(nameList(DEVICES, 'events')),
    DEVICES.map((device) => ({ ...device, uuid: undefined })),
  );
});

test('parseNames: names of a kernel before interface 4.37', (t) => {
  t.deepEqual(
    parseNames(nameList(DEVICES, 'plain')),
    DEVICES.map((device) => ({ ...device, uuid: undefined, eventNr: 0 })),
  );
});

test('parseNames: no devices, as an empty payload or one entry with device number 0', (t) => {
  t.deepEqual(parseNames(Buffer.alloc(0)), []);
  t.deepEqual(parseNames(emptyNameList), []);
});

test('parseVersions: versions in the order of the kernel', (t) => {
  const versions = [
    { name: 'thin-pool', version: [1, 23, 0] as const },
    { name: 'x', version: [0, 0, 0xffffffff] as const },
  ];
  t.deepEqual(parseVersions(versionList(versions)), versions);
  t.deepEqual(parseVersions(Buffer.alloc(0)), []);
});

test('parseDeps: device numbers', (t) => {
  t.deepEqual(parseDeps(depsList([0x700n, 0xfd01n])), [0x700n, 0xfd01n]);
  t.deepEqual(parseDeps(depsList([])), []);
  t.deepEqual(parseDeps(Buffer.alloc(0)), []);
});

test('parseDeps: device numbers that do not begin at a multiple of 8', (t) => {
  const bytes = Buffer.concat([Buffer.alloc(3), depsList([0x700n])]).subarray(3);
  t.deepEqual(parseDeps(bytes), [0x700n]);
});

test('parseTargets: targets, and none', (t) => {
  const targets = [
    { start: 0n, length: 8n, type: 'thin-pool', params: '0 1648/16384 0/1024 - rw ' },
    { start: 8n, length: 2n ** 64n - 1n, type: 'exactly-15-long', params: '' },
    { start: 9n, length: 1n, type: 'linear', params: '7:0 0' },
  ];
  t.deepEqual(parseTargets(targetList(targets), 3), targets);
  t.deepEqual(parseTargets(targetList(targets), 1), targets.slice(0, 1));
  t.deepEqual(parseTargets(targetList(targets), 0), []);
  t.deepEqual(parseTargets(Buffer.alloc(0), 0), []);
});

test('parseMessageText: the text of a reply', (t) => {
  t.is(parseMessageText(messageText('')), '');
  t.is(parseMessageText(messageText('0+16384 0 0\né\n')), '0+16384 0 0\né\n');
  t.is(parseMessageText(Buffer.from('a\0b\0')), 'a');
});

// --- invalid replies -----------------------------------------------------------------------------

const patched = (bytes: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(bytes);
  new DataView(copy.buffer, copy.byteOffset, copy.length).setUint32(
    at,
    value,
    new Uint8Array(new Uint32Array([1]).buffer)[0] === 1,
  );
  return copy;
};
const cut = (bytes: Buffer, length: number): Buffer => bytes.subarray(0, length);

const names = nameList(DEVICES);
const versions = versionList([
  { name: 'a', version: [1, 2, 3] },
  { name: 'b', version: [1, 2, 3] },
]);
const targets = targetList([
  { start: 0n, length: 8n, type: 'zero', params: '' },
  { start: 8n, length: 8n, type: 'error', params: '' },
]);
const wrongNext = (what: string, by: number, at = 0): string =>
  `${what}: the next entry cannot be ${by} bytes after offset ${at}`;

interface Hostile {
  readonly title: string;
  readonly parse: () => unknown;
  readonly message: string;
}

const HOSTILE: readonly Hostile[] = [
  // The first entry of `names` has 24 bytes.
  ...[
    [1, 'unaligned and inside itself'],
    [8, 'inside itself'],
    [12, 'at its own name'],
    [20, 'unaligned'],
    [names.length, 'at the end'],
    [names.length + 8, 'past the end'],
    [0xfffffff8, 'backwards, as a signed number'],
    [0xffffffff, 'the largest'],
  ].map(([next, title]) => ({
    title: `names, next ${title}`,
    parse: () => parseNames(patched(names, 8, next as number)),
    message: wrongNext('dm_name_list', next as number),
  })),
  {
    title: 'names, no NUL in the first',
    parse: () => parseNames(Buffer.concat([cut(names, 12), Buffer.alloc(12, 0x61)])),
    message: wrongNext('dm_name_list', 24),
  },
  {
    title: 'names, no NUL in the last',
    parse: () => parseNames(Buffer.concat([patched(cut(names, 12), 8, 0), Buffer.alloc(12, 0x61)])),
    message: 'dm_name_list.name: expected a NUL before offset 24',
  },
  {
    title: 'names, one that extends into the next entry',
    parse: () =>
      parseNames(Buffer.concat([cut(names, 12), Buffer.alloc(12, 0x61), names.subarray(24)])),
    message: 'dm_name_list.name: expected a NUL before offset 24',
  },
  {
    title: 'names, a uuid without NUL',
    parse: () =>
      parseNames(Buffer.concat([nameList([DEVICES[1]]).subarray(0, 32), Buffer.alloc(8, 0x61)])),
    message: 'dm_name_list.uuid: expected a NUL before offset 40',
  },
  {
    title: 'names, a missing uuid',
    parse: () => parseNames(cut(nameList([DEVICES[1]]), 32)),
    message: 'dm_name_list.uuid: expected a NUL before offset 32',
  },
  {
    title: 'names, half an entry',
    parse: () => parseNames(cut(names, 11)),
    message: 'dm_name_list: expected 12 bytes at offset 0, but the reply has 11',
  },
  {
    title: 'names, half a second entry',
    parse: () => parseNames(cut(names, 32)),
    message: 'dm_name_list: expected 12 bytes at offset 24, but the reply has 32',
  },
  ...[1, 8, 16, 20, versions.length, 0xfffffff8].map((next) => ({
    title: `versions, next ${next}`,
    parse: () => parseVersions(patched(versions, 0, next)),
    message: wrongNext('dm_target_versions', next),
  })),
  {
    title: 'versions, half an entry',
    parse: () => parseVersions(cut(versions, 15)),
    message: 'dm_target_versions: expected 16 bytes at offset 0, but the reply has 15',
  },
  {
    title: 'versions, the last without a name',
    parse: () => parseVersions(patched(cut(versions, 16), 0, 0)),
    message: 'dm_target_versions.name: expected a NUL before offset 16',
  },
  {
    title: 'dependencies, a count larger than the array',
    parse: () => parseDeps(patched(depsList([1n, 2n]), 0, 3)),
    message: 'dm_target_deps.dev: expected 24 bytes at offset 8, but the reply has 24',
  },
  {
    title: 'dependencies, a count of 2^32',
    parse: () => parseDeps(patched(depsList([1n, 2n]), 0, 0xffffffff)),
    message: 'dm_target_deps.dev: expected 34359738360 bytes at offset 8, but the reply has 24',
  },
  {
    title: 'dependencies, half a count',
    parse: () => parseDeps(Buffer.alloc(7)),
    message: 'dm_target_deps: expected 8 bytes at offset 0, but the reply has 7',
  },
  ...[0, 1, 40, 44, targets.length, targets.length + 8, 0xfffffff8].map((next) => ({
    title: `targets, next ${next}`,
    parse: () => parseTargets(patched(targets, 20, next), 2),
    message: wrongNext('dm_target_spec[0]', next),
  })),
  {
    title: 'targets, the second next at the first',
    parse: () => parseTargets(patched(targets, 48 + 20, 0), 3),
    message: wrongNext('dm_target_spec[1]', -48, 48),
  },
  {
    title: 'targets, the second next at itself',
    parse: () => parseTargets(patched(targets, 48 + 20, 48), 3),
    message: wrongNext('dm_target_spec[1]', 0, 48),
  },
  {
    title: 'targets, a count larger than the array',
    parse: () => parseTargets(targets, 3),
    message: wrongNext('dm_target_spec[1]', 48, 48),
  },
  {
    title: 'targets, a count of 2^32 without a target',
    parse: () => parseTargets(Buffer.alloc(0), 0xffffffff),
    message: 'dm_target_spec[0]: expected 40 bytes at offset 0, but the reply has 0',
  },
  {
    title: 'targets, a status without NUL',
    parse: () => parseTargets(Buffer.concat([cut(targets, 40), Buffer.alloc(8, 0x61)]), 1),
    message: 'dm_target_spec[0]: expected a NUL before offset 48',
  },
  {
    title: 'targets, a status that extends into the next target',
    parse: () =>
      parseTargets(
        Buffer.concat([cut(targets, 40), Buffer.alloc(8, 0x61), targets.subarray(48)]),
        2,
      ),
    message: 'dm_target_spec[0]: expected a NUL before offset 48',
  },
  {
    title: 'targets, no room for a status',
    parse: () => parseTargets(cut(targets, 40), 1),
    message: 'dm_target_spec[0]: expected a NUL before offset 40',
  },
  {
    title: 'a message without NUL',
    parse: () => parseMessageText(Buffer.from('abc')),
    message: 'message: expected a NUL before offset 3',
  },
  {
    title: 'an empty message',
    parse: () => parseMessageText(Buffer.alloc(0)),
    message: 'message: expected a NUL before offset 0',
  },
];

for (const { title, parse, message } of HOSTILE) {
  test(`rejected: ${title}`, (t) => {
    const error = t.throws<ReplyError>(() => void parse(), { name: 'ReplyError', message });
    t.is(error.code, 'ERR_DMTS_REPLY');
  });
}

for (const law of REPLY_LAWS) {
  test(law.name, (t) => proves(t, law, 500));
}

test(HOSTILE_REPLY_LAW.name, (t) => proves(t, HOSTILE_REPLY_LAW, 5000));
