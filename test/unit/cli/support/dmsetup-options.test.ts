// The mapping of dmsetup's options to the library.

import test from 'ava';
import { Command } from 'commander';
import {
  addDmsetupOptions,
  parseCookie,
  udevSettings,
} from '../../../../src/cli/support/dmsetup-options.ts';
import type { DmsetupSettings } from '../../../../src/cli/support/io.ts';
import type { UdevOptions } from '../../../../src/index.ts';

const rows: readonly (readonly [line: string, expected: UdevOptions])[] = [
  ['--checks --verifyudev --noopencount --addnodeonresume --addnodeoncreate -v', {}],
  ['--noudevsync', { sync: false }],
  ['--noudevrules', { flags: ['disable-dm-rules', 'disable-subsystem-rules'] }],
  ['--udevcookie 0x0d4d1234', { cookie: 0x0d4d1234 }],
  ['--udevcookie=4660', { cookie: 0x0d4d1234 }],
  ['--udevcookie 011064', { cookie: 0x0d4d1234 }],
];

for (const [line, expected] of rows) {
  test(line, (t) => {
    const settings: DmsetupSettings = {};
    const command = new Command();
    addDmsetupOptions(command, settings);
    command.parse(line.split(' '), { from: 'user' });
    t.deepEqual(udevSettings(settings), expected);
  });
}

test('invalid cookies', (t) => {
  for (const text of ['', '0', '-1', 'x', '1e3000']) t.throws(() => parseCookie(text));
});

test('an option of the command takes precedence', (t) => {
  const command = new Command().option('-f, --force', 'its own').option('--noflush', 'its own');
  addDmsetupOptions(command, {});
  const own = command.options.filter(({ description }) => description === 'its own');
  t.deepEqual(
    own.map(({ hidden }) => hidden),
    [false, false],
  );
  t.true(command.options.filter((option) => !own.includes(option)).every(({ hidden }) => hidden));
});
