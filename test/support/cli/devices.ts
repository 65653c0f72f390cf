// Devices for tests with the fake kernel.

import { makeDev } from '../../../src/dm/wire/device-number.ts';
import { DmFlag } from '../../../src/testing/index.ts';
import type { FakeDevice } from './fake-machine.ts';

export const KEY: string = 'deadbeef'.repeat(8);

const LIVE = DmFlag.ACTIVE_PRESENT;

/** A simple device with a uuid. */
export const vol: FakeDevice = {
  name: 'vol',
  dev: makeDev(253, 0),
  uuid: 'U-1',
  flags: LIVE | DmFlag.READONLY,
  openCount: 2,
  eventNr: 7,
  targets: [
    { start: 0n, length: 2048n, type: 'linear', params: '8:0 0' },
    { start: 2048n, length: 8n, type: 'error', params: '' },
  ],
  deps: [makeDev(8, 0), makeDev(259, 300)],
};

/** A suspended device with a key in its table, a pending removal, and a mangled name. */
export const secret: FakeDevice = {
  name: 'a\\x20b',
  dev: makeDev(253, 1),
  flags: LIVE | DmFlag.SUSPEND | DmFlag.DEFERRED_REMOVE | DmFlag.INACTIVE_PRESENT,
  targets: [
    { start: 0n, length: 2n ** 60n, type: 'crypt', params: `aes-xts-plain64 ${KEY} 0 8:0 0` },
  ],
};

/** A device that never had a table. */
export const empty: FakeDevice = { name: 'empty', dev: makeDev(253, 2), flags: 0 };

export const all: readonly FakeDevice[] = [secret, empty, vol];
