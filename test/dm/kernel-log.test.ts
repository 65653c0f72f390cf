// Which lines of the kernel log become an error's reason. What a line says is in kernel-reason.test.ts.

import test from 'ava';
import { DeviceMapper } from '../../src/dm/device-mapper.ts';
import type { DmError } from '../../src/dm/errors.ts';
import { type FakeReply, fakeKernel } from '../../src/testing/index.ts';
import { DEV, ZERO } from './scripted.ts';

const OURS = 'device-mapper: table: 253:0: linear: Device lookup failed (-ENODEV)';
const OTHERS = 'device-mapper: table: 253:1: zero: Invalid argument';

/** A kernel that refuses every table, and writes these lines while it does. */
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

test('a refusal carries what the log says of this device', async (t) => {
  const { dm, logs } = await refusing(['usb 1-1: new device', OTHERS, OURS], () => ({
    dev: DEV,
  }));
  const error = await t.throwsAsync<DmError>(dm.load('a', ZERO), { code: 'EIO' });
  t.is(error.reason, 'linear: Device lookup failed');
  t.deepEqual(logs, { opened: 1, closed: 1 });
});

test('of a device that has gone meanwhile every line may tell', async (t) => {
  const { dm } = await refusing([OTHERS, OURS], () => 'ENXIO');
  const error = await t.throwsAsync<DmError>(dm.load('a', ZERO), { code: 'EIO' });
  t.is(
    error.reason,
    'table: 253:1: zero: Invalid argument; table: 253:0: linear: Device lookup failed',
  );
});

test('a device that is given by its number need not be asked for it', async (t) => {
  const { dm, asked } = await refusing([OTHERS, OURS], () => ({ dev: DEV, name: 'a' }));
  const before = asked.length;
  const error = await t.throwsAsync<DmError>(dm.load({ dev: DEV }, ZERO), { code: 'EIO' });
  t.is(error.reason, 'linear: Device lookup failed');
  // The one question is for the lock's name.
  t.deepEqual(asked.slice(before), ['DM_DEV_STATUS', 'DM_TABLE_LOAD']);
});

test('without a line of the device mapper nothing is asked, and there is no reason', async (t) => {
  const { dm, asked } = await refusing(['usb 1-1: new device'], () => ({ dev: DEV }));
  const before = asked.length;
  const error = await t.throwsAsync<DmError>(dm.load('a', ZERO), { code: 'EIO' });
  t.is(error.reason, undefined);
  t.deepEqual(asked.slice(before), ['DM_TABLE_LOAD']);
});

test('a question for the number that fails leaves the error as it is', async (t) => {
  const { dm, logs } = await refusing([OURS], () => {
    throw new Error('the transport broke');
  });
  const error = await t.throwsAsync<DmError>(dm.load('a', ZERO), { code: 'EIO' });
  t.is(error.reason, 'table: 253:0: linear: Device lookup failed');
  t.deepEqual(logs, { opened: 1, closed: 1 });
});
