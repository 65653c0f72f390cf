// Texts that could stall a parser: each is parsed in time proportional to its length, whatever the result.

import test from 'ava';
import { parseMountInfo, parseSwaps } from '../../src/block/mount-table.ts';
import { checkMessage } from '../../src/dm/device/input.ts';
import { parseRegion, parseSample } from '../../src/dm/stats/stats-text.ts';
import {
  parseDustClear,
  parseDustCount,
  parseDustList,
  parseDustQuery,
} from '../../src/dm/targets/faults/dust-replies.ts';
import { targetKinds } from '../../src/dm/targets/registry.ts';
import { parseConcise } from '../../src/dm/text/concise.ts';
import { splitLvmName } from '../../src/dm/text/lvm-name.ts';
import { SecretKey } from '../../src/dm/text/secret-key.ts';
import { hideKeys, hideMessageKey } from '../../src/dm/text/secrets.ts';
import { parseSize } from '../../src/dm/text/size.ts';
import { checkTable, encodeTable, formatTable, parseTable } from '../../src/dm/text/table.ts';
import { parseDev } from '../../src/dm/wire/device-number.ts';
import { InputError, ReplyError } from '../../src/dm/wire/errors.ts';
import { kernelReason } from '../../src/dm/wire/kernel-reason.ts';
import {
  displayName,
  kernelName,
  mangle,
  nameForm,
  rightForm,
  unmangle,
} from '../../src/dm/wire/names.ts';
import { fromKernel, toKernel } from '../../src/dm/wire/text.ts';
import { splitMountOptions } from '../../src/storage/config/mount-options.ts';
import { parseStorageOptions } from '../../src/storage/config/options.ts';
import { parseBinarySize } from '../../src/storage/config/size-text.ts';
import { readNumber } from '../../src/storage/diff/tar/numbers.ts';
import { parsePax, parseTime } from '../../src/storage/diff/tar/pax.ts';
import { parseJson } from '../../src/storage/directory/json.ts';
import { layerKind, parseRecord, parseSingleFile } from '../../src/storage/directory/records.ts';
import { elementScanner } from '../../src/thin/tools/elements.ts';
import { parseThinDump } from '../../src/thin/tools/thin-dump.ts';
import { parseThinLs } from '../../src/thin/tools/thin-ls.ts';
import { assertProportional } from '../support/proportional.ts';

/** `piece` repeated to `size` characters. */
const fill = (piece: string, size: number): string => piece.repeat(Math.ceil(size / piece.length));
/** The number of repetitions of `piece` in it. */
const times = (piece: string, size: number): number => Math.ceil(size / piece.length);

test.serial('blanks in a table: time in proportion to their number', async (t) => {
  await assertProportional(t, (blanks) => {
    const [target] = parseTable(`0 8 linear a${' '.repeat(blanks)}b`);
    t.is(target?.params, `a${' '.repeat(blanks)}b`);
  });
});

test.serial(
  'blanks in a table of the concise format: time in proportion to their number',
  async (t) => {
    await assertProportional(t, (blanks) => {
      const [device] = parseConcise(`a,,,rw,0 8 linear a${' '.repeat(blanks)}b`);
      t.is(device?.table[0]?.params, `a${' '.repeat(blanks)}b`);
    });
  },
);

type Row = readonly [
  title: string,
  text: (size: number) => string,
  read: (text: string) => unknown,
];

const group = 'service-time 0 1 0 8:0 ';
const groupStatus = 'A 0 1 0 8:0 A 0 ';
const line = '0 1 linear /dev/a 0\n';
const grammar = { '': ['a'] };
const asBytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const ROWS: readonly Row[] = [
  ['a table of blanks', (n) => fill(' ', n), parseTable],
  ['a table of blank lines', (n) => fill('\n', n), parseTable],
  ['a table of comments', (n) => fill('#\n', n), parseTable],
  ['a table: blanks at the end', (n) => `0 8 zero${fill(' ', n)}`, parseTable],
  ['a table: blanks before a missing type', (n) => `0 8${fill('\t', n)}`, parseTable],
  ['a table: a start of many digits', (n) => `${fill('9', n)} 8 zero`, parseTable],
  ['a table: a length of many zeros', (n) => `0 ${fill('0', n)}8 zero`, parseTable],
  ['a table: a type of many letters', (n) => `0 8 ${fill('a', n)}\u00a1`, parseTable],
  ['a table: an unexpected key', (n) => `crypt ${fill('a', n)}`, parseTable],
  [
    'a table of many lines, formatted',
    (n) => fill(line, n).replaceAll('0 1 ', ''),
    (text) => {
      const table = text
        .trimEnd()
        .split('\n')
        .map(() => ({ length: 1, type: 'zero' }));
      return parseTable(formatTable(checkTable(table)));
    },
  ],
  [
    'parameters of backslashes',
    (n) => fill('\\', n),
    (params) => encodeTable(checkTable([{ length: 8, type: 'linear', params }])),
  ],
  ['concise: blanks', (n) => `${fill(' ', n)}a`, parseConcise],
  ['concise: commas', (n) => `a${fill(',', n)}`, parseConcise],
  ['concise: semicolons', (n) => `a${fill(';', n)}`, parseConcise],
  ['concise: backslashes', (n) => `a${fill('\\', n)}`, parseConcise],
  ['concise: lines of a table', (n) => `a,,,rw${fill(',0 1 zero', n)}`, parseConcise],
  ['a name of blanks, mangled', (n) => fill(' ', n), (name) => mangle(name, 'auto')],
  ['a name, partly mangled', (n) => `${fill('\\x20', n)} `, (name) => mangle(name, 'auto')],
  ['a name, mangled twice', (n) => fill('\\x5cx', n), (name) => mangle(name, 'auto')],
  [
    'a name of many bytes, printed',
    (n) => toKernel(fill('ä', n)),
    (name) => displayName(name, 'hex'),
  ],
  ['a name of many bytes', (n) => fill('ä', n), (name) => kernelName(name, 'auto')],
  ['a name to mangle again', (n) => fill('\\x20', n), (name) => rightForm(name, 'none')],
  ['a name in another form', (n) => fill('\\x20', n), (name) => nameForm(name, 'name', 'auto')],
  ['a name to unmangle', (n) => fill('\\x', n), unmangle],
  ['a name of hyphens', (n) => `a${fill('--', n)}`, splitLvmName],
  ['a text that is not UTF-8', (n) => fill('\xff', n), fromKernel],
  ['a device number', (n) => `${fill('1', n)}:`, parseDev],
  ['a size of many digits', (n) => fill('9', n), (text) => parseSize(text)],
  ['a size of many decimals', (n) => `1.${fill('9', n)}`, (text) => parseSize(text)],
  ['a size with blanks', (n) => `1${fill(' ', n)}!`, (text) => parseSize(text)],
  ['a message of blanks', (n) => fill(' ', n), (text) => checkMessage(text, false)],
  ['a message with a key', (n) => `key${fill(' ', n)}set`, hideMessageKey],
  ['a key', (n) => fill('a', n), (text) => SecretKey.fromHex(text)],
  ['a key in a keyring', (n) => `:32:${fill('a', n)}`, (text) => SecretKey.fromWord(text)],
  ['keys of crypt', (n) => `a${fill(' ', n)}`, (params) => hideKeys({ type: 'crypt', params })],
  [
    'keys of integrity',
    (n) => fill('internal_hash:', n),
    (params) => hideKeys({ type: 'integrity', params }),
  ],
  [
    'a line of the kernel log',
    (n) => `device-mapper: ${fill(' (-E', n)}`,
    (text) => kernelReason([text], 0n),
  ],
  ['statistics: a region', (n) => `1: 1+1 1 ${fill('a ', n)}`, parseRegion],
  ['statistics: a histogram', (n) => `1: 1+1 1 - histogram:${fill('1,', n)}`, parseRegion],
  ['statistics: a sample', (n) => fill('1 ', n), parseSample],
  ['dust: a query', (n) => `block 1 found in badblocklist${fill(' ', n)}x`, parseDustQuery],
  ['dust: a count', (n) => `${fill('1', n)} badblock(s) found`, parseDustCount],
  ['dust: a list', (n) => fill('1\n', n), parseDustList],
  ['dust: a cleared list', (n) => `badblocks cleared${fill('\n', n)}x`, parseDustClear],
  [
    'multipath: many groups',
    (n) => `0 0 ${times(group, n)} 1 ${fill(group, n)}`,
    (text) => targetKinds.get('multipath')?.parseParams(text),
  ],
  [
    'multipath: the status of many groups',
    (n) => `2 0 0 0 ${times(groupStatus, n)} 1 ${fill(groupStatus, n)}`,
    (text) => targetKinds.get('multipath')?.parseStatus(text),
  ],
  [
    'raid: many members to rebuild',
    (n) => `raid1 ${2 * times('rebuild 0 ', n) + 1} 0 ${fill('rebuild 0 ', n)}1 - -`,
    (text) => targetKinds.get('raid')?.parseParams(text),
  ],
  ['mounts: optional fields', (n) => `1 1 0:1 / /a rw ${fill('- ', n)}`, parseMountInfo],
  ['mounts: a path', (n) => `1 1 0:1 / ${fill('\\040', n)} rw - a b c`, parseMountInfo],
  ['mounts: lines', (n) => fill('1 1 0:1 / /a rw - a b c\n', n), parseMountInfo],
  ['swap space', (n) => fill('/a partition\n', n), parseSwaps],
  ['thin_ls: blanks', (n) => `1${fill(' ', n)}x`, parseThinLs],
  ['thin_ls: words', (n) => fill('1 ', n), parseThinLs],
  ['XML: blanks before an element', (n) => `${fill(' ', n)}a`, elementScanner('a', grammar).next],
  ['XML: blanks in an element', (n) => `<a${fill(' ', n)}x`, elementScanner('a', grammar).next],
  [
    'XML: blanks after an element',
    (n) => `<a/>${fill(' ', n)}x`,
    elementScanner('a', grammar).next,
  ],
  ['XML: attributes', (n) => `<a${fill(' a="1"', n)}x`, elementScanner('a', grammar).next],
  ['XML: a long name', (n) => `<${fill('a', n)}=`, elementScanner('a', grammar).next],
  ['JSON: a string', (n) => `"${fill('a', n)}"`, parseJson],
  ['JSON: escapes', (n) => `"${fill('\\"', n)}"`, parseJson],
  ['JSON: numbers', (n) => `[${fill('1,', n)}1]`, parseJson],
  ['JSON: one number', (n) => `1${fill('0', n)}`, parseJson],
  ['a record', (n) => `{"size":${fill('1', n)}}`, (text) => parseRecord(layerKind.parse, '', text)],
  [
    'the old file of records',
    (n) => `{"devices":{"a":{}${fill(',"b":{}', n)}}}`,
    (text) => parseRecord(parseSingleFile, '', text),
  ],
  ['an option without a value', (n) => fill('a', n), (word) => parseStorageOptions([word])],
  [
    'a repeated option',
    (n) => fill('dm.mkfsarg=-K ', n).trimEnd(),
    (text) => parseStorageOptions(text.split(' ')),
  ],
  [
    'an option: a number',
    (n) => `dm.xfs_nospace_max_retries=${fill('9', n)}`,
    (word) => parseStorageOptions([word]),
  ],
  ["a size as Docker's", (n) => `1.${fill('9', n)}`, parseBinarySize],
  ['options of mount', (n) => fill('ro,', n), (text) => splitMountOptions([text])],
  ['tar: a number', (n) => `${fill('\0', n)}x`, (text) => readNumber(asBytes(text))],
  ['tar: records', (n) => fill('6 a=b\n', n), (text) => parsePax(asBytes(text))],
  ['tar: a record without a key', (n) => `${n} ${fill('a', n)}`, (text) => parsePax(asBytes(text))],
  ['tar: a time', (n) => `1.${fill('1', n)}x`, parseTime],
];

/** Invalid text must throw an error of the library. Any other error, such as a stack overflow, is a bug. */
const isRefusal = (error: unknown): boolean =>
  error instanceof InputError ||
  error instanceof ReplyError ||
  (error instanceof Error && /^(ToolError|StorageError|DiffError|SyntaxError)$/.test(error.name));

function readOrRefuse(read: (text: string) => unknown, text: string): void {
  try {
    read(text);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

const TARGET_ROWS = [...targetKinds.values()].flatMap(
  ({ type, parseParams, parseStatus }): Row[] => [
    [`${type}: parameters of blanks`, (n) => `a${fill(' ', n)}a`, parseParams],
    [`${type}: parameters of words`, (n) => fill('1 ', n), parseParams],
    [`${type}: parameters, one word`, (n) => fill('a:', n), parseParams],
    [`${type}: a status of blanks`, (n) => `1${fill(' ', n)}1`, parseStatus],
    [`${type}: a status of words`, (n) => fill('1 ', n), parseStatus],
  ],
);

for (const [title, text, read] of [...ROWS, ...TARGET_ROWS]) {
  test.serial(`${title}: time in proportion to the length`, (t) =>
    assertProportional(t, (size) => readOrRefuse(read, text(size))),
  );
}

test.serial('a dump of many shared mappings: time in proportion to their number', async (t) => {
  await assertProportional(t, async (size) => {
    const mapping = '<range_mapping origin_begin="0" data_begin="0" length="1" time="0"/>';
    const lines = [
      '<superblock transaction="0" time="0" data_block_size="128" nr_data_blocks="1">',
      '<def name="1">',
      ...new Array<string>(size / 4).fill(mapping),
      '</def>',
      '<def name="2">',
      '<ref name="1"/>',
      '</def>',
      '</superblock>',
    ];
    for await (const item of parseThinDump([lines])) t.is(item.kind, 'superblock');
  });
});

test.serial('a JSON string may have any length', (t) => {
  const text = 'a'.repeat(10_000_000);
  t.is(parseJson(JSON.stringify(text)), text);
});
