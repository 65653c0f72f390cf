// Which lines of the kernel log become the reason of an error. kernel-reason.test.ts tests the text of the reason.

import test from 'ava';
import { DeviceMapper } from '../../../../src/dm/device/device-mapper.ts';
import type { DmError } from '../../../../src/dm/wire/errors.ts';
import { type FakeReply, fakeKernel } from '../../../../src/testing/index.ts';
import { DEV, ZERO } from '../../../support/dm/scripted.ts';

const OURS = 'device-mapper: table: 253:0: linear: Device lookup failed (-ENODEV)';
const OTHERS = 'device-mapper: table: 253:1: zero: Invalid argument';

/** A kernel that fails every load, and logs these lines each time. */
async function refusing(lines: readonly string[], status: () => FakeReply) {
  const asked: string[] = [];
  const logs = { opened: 0, closed: 0 };
  const kernel = fakeKernel(({ command }) => {
    asked.push(command.name);
    if (command.name === 'DM_TABLE_LOAD') return 'EIO';
    return command.name === 'DM_DEV_STATUS' ? status() : {};
  });
  const transport = {
    ...kernel,
    openLog: () => {
      logs.opened += 1;
      return {
        read: () => [...lines],
        close: () => {
          logs.closed += 1;
        },
      };
    },
  };
  const dm = await DeviceMapper.open({ transport });
  return { dm, asked, logs };
}

test('an error has the log lines of its device', async (t) => {
  const { dm, logs } = await refusing(['usb 1-1: new device', OTHERS, OURS], () => ({
    dev: DEV,
  }));
  const error = await t.throwsAsync<DmError>(dm.load('a', ZERO), { code: 'EIO' });
  t.is(error.reason, 'linear: Device lookup failed');
  t.deepEqual(logs, { opened: 1, closed: 1 });
});

test('the error of a device that is removed meanwhile has all lines', async (t) => {
  const { dm } = await refusing([OTHERS, OURS], () => 'ENXIO');
  const error = await t.throwsAsync<DmError>(dm.load('a', ZERO), { code: 'EIO' });
  t.is(
    error.reason,
    'table: 253:1: zero: Invalid argument; table: 253:0: linear: Device lookup failed',
  );
});

test('a reference by device number needs no query for the number', async (t) => {
  const { dm, asked } = await refusing([OTHERS, OURS], () => ({ dev: DEV, name: 'a' }));
  const before = asked.length;
  const error = await t.throwsAsync<DmError>(dm.load({ dev: DEV }, ZERO), { code: 'EIO' });
  t.is(error.reason, 'linear: Device lookup failed');
  // The only query is for the name, which the lock needs.
  t.deepEqual(asked.slice(before), ['DM_DEV_STATUS', 'DM_TABLE_LOAD']);
});

test('without log lines of the device mapper there is no query and no reason', async (t) => {
  const { dm, asked } = await refusing(['usb 1-1: new device'], () => ({ dev: DEV }));
  const before = asked.length;
  const error = await t.throwsAsync<DmError>(dm.load('a', ZERO), { code: 'EIO' });
  t.is(error.reason, undefined);
  t.deepEqual(asked.slice(before), ['DM_TABLE_LOAD']);
});

test('a failed query for the device number does not replace the error', async (t) => {
  const { dm, logs } = await refusing([OURS], () => {
    throw new Error('the transport broke');
  });
  const error = await t.throwsAsync<DmError>(dm.load('a', ZERO), { code: 'EIO' });
  t.is(error.reason, 'table: 253:0: linear: Device lookup failed');
  t.deepEqual(logs, { opened: 1, closed: 1 });
});
