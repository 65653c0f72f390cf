import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { DmHeader } from '../../../../src/dm/wire/abi.ts';
import { describeHeader } from '../../../../src/dm/wire/debug.ts';
import { DEBUG_KEY } from '../../../support/dm/debug-child.ts';
import { EMPTY } from '../../../support/testing/raw.ts';

const HEADER_ONLY: DmHeader = { ...EMPTY, dataSize: 312 };

const ROWS: readonly (readonly [fields: Partial<DmHeader>, words: string])[] = [
  [{}, 'size=312'],
  [{ name: 'a\\x20b' }, 'name=a\\x20b size=312'],
  [{ name: '\xc3\xa9', uuid: '\xff' }, 'name=é uuid=\\xff size=312'],
  [{ dev: 0xfd00n, flags: 0x800801 }, 'dev=253:0 flags=readonly|noflush|0x800000 size=312'],
  [
    { eventNr: 0x400000, targetCount: 2, openCount: -1, dataSize: 305 },
    'event_nr=4194304 targets=2 open=-1 size=305',
  ],
];

for (const [fields, words] of ROWS) {
  test(`describeHeader: ${words}`, (t) =>
    t.is(describeHeader({ ...HEADER_ONLY, ...fields }), words));
}

/** The standard error of a program that uses keys. */
function debugOutput(namespaces: string | undefined): string {
  const child = fileURLToPath(new URL('../../../support/dm/debug-child.js', import.meta.url));
  const { stderr, status } = spawnSync(process.execPath, [child], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', DEBUG: namespaces, DEBUG_COLORS: 'no' },
  });
  if (status !== 0) throw new Error(stderr);
  return stderr;
}

test('the log shows requests and replies, and never a key', (t) => {
  const output = debugOutput('dmts:*');
  t.false(output.includes(DEBUG_KEY));
  const zeros = '0'.repeat(DEBUG_KEY.length);
  for (const line of [
    'dmts:ioctl DM_VERSION size=312',
    'dmts:ioctl DM_VERSION -> ok',
    `dmts:ioctl DM_TABLE_LOAD name=a flags=secure_data targets=2 size=448 [0 8 crypt aes ${zeros} 0 7:0 0, 8 8 zero ]`,
    'dmts:ioctl DM_TABLE_LOAD -> EINVAL',
    `dmts:ioctl DM_TARGET_MSG name=a flags=secure_data size=16384 @0 key set ${zeros}`,
    'dmts:ioctl DM_DEV_RENAME name=a event_nr=4194304 size=320 name -> b',
  ]) {
    t.true(output.includes(line), `${line}\nis not in\n${output}`);
  }
});

for (const namespaces of [undefined, '', 'other:*']) {
  test(`DEBUG=${namespaces} logs nothing`, (t) => t.is(debugOutput(namespaces), ''));
}
