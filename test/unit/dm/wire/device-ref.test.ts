import { inspect } from 'node:util';
import test from 'ava';
import { type DeviceRef, type Selector, selectorOf } from '../../../../src/dm/wire/device-ref.ts';

const ROWS: readonly (readonly [DeviceRef, Selector])[] = [
  ['pool', { name: 'pool', label: 'pool' }],
  ['a b', { name: 'a\\x20b', label: 'a b' }],
  [{ name: 'pool' }, { name: 'pool', label: 'pool' }],
  [{ uuid: 'LVM x' }, { uuid: 'LVM\\x20x', label: 'LVM x' }],
  [{ dev: 0xfd00n }, { dev: 0xfd00n, label: '253:0' }],
  [{ dev: 1n }, { dev: 1n, label: '0:1' }],
  [{ dev: 0xffffffffn }, { dev: 0xffffffffn, label: '4095:1048575' }],
];

const shown = (value: unknown): string => inspect(value);

for (const [ref, selector] of ROWS) {
  test(`${shown(ref)} is a device reference`, (t) =>
    t.deepEqual(selectorOf(ref, 'auto'), selector));
}

const ONE = 'device: expected a name, or an object with exactly one of name, uuid and dev, got ';
const DEV = 'device.dev: expected a device number as a bigint, not 0, got ';

const REFUSED: readonly (readonly [unknown, string])[] = [
  [{}, `${ONE}{}`],
  [{ name: 'a', uuid: 'b' }, `${ONE}{ name: 'a', uuid: 'b' }`],
  [{ name: 'a', dev: 1n }, `${ONE}{ name: 'a', dev: 1n }`],
  [{ uuid: 'a', dev: 1n }, `${ONE}{ uuid: 'a', dev: 1n }`],
  [{ name: 'a', uuid: undefined }, `${ONE}{ name: 'a', uuid: undefined }`],
  [null, `${ONE}null`],
  [undefined, `${ONE}undefined`],
  [5, `${ONE}5`],
  [5n, `${ONE}5n`],
  [['a', 'b'], `${ONE}[ 'a', 'b' ]`],
  [{ path: '/dev/dm-0' }, `${DEV}{ path: '/dev/dm-0' }`],
  [['a'], `${DEV}[ 'a' ]`],
  [{ dev: 0n }, `${DEV}0n`],
  [{ dev: -1n }, `${DEV}-1n`],
  [{ dev: 0x100000000n }, `${DEV}4294967296n`],
  [{ dev: 64768 }, `${DEV}64768`],
  [{ dev: '253:0' }, `${DEV}"253:0"`],
  [{ dev: undefined }, `${DEV}undefined`],
  [{ name: undefined }, 'name: expected a non-empty string, got undefined'],
  [{ uuid: '' }, 'uuid: expected a non-empty string, got ""'],
  ['', 'name: expected a non-empty string, got ""'],
];

for (const [ref, message] of REFUSED) {
  test(`selectorOf rejects ${shown(ref)}`, (t) => {
    t.throws(() => selectorOf(ref as DeviceRef, 'auto'), { code: 'ERR_DMTS_INPUT', message });
  });
}
