// The unit tests of a program that uses the device mapper, on the model kernel and on a fake kernel.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceMapper } from 'dmts';
import { linear, thinPool } from 'dmts/targets';
import {
  type CallFilter,
  type CommandName,
  Dm,
  DmFlag,
  type FakeReply,
  type FakeRequest,
  type Fault,
  fakeKernel,
  type KernelFunction,
  type ModelDisk,
  type ModelKernel,
  modelKernel,
  type PoolMode,
  type Transport,
} from 'dmts/testing';

const DISKS: readonly ModelDisk[] = [
  { dev: '8:0', path: '/dev/sda', sectors: 128_000 },
  { dev: '8:16', path: '/dev/sdb', sectors: 2048n },
];

/** The code under test. */
async function move(dm: DeviceMapper, name: string, device: string): Promise<void> {
  const { targets } = await dm.table(name);
  const length = targets.reduce((sum, target) => sum + target.length, 0n);
  await dm.reload(name, [linear({ length, device })]);
}

async function setUp(): Promise<{ readonly kernel: ModelKernel; readonly dm: DeviceMapper }> {
  const kernel = modelKernel({ version: [4, 48, 0], disks: DISKS });
  const dm = await DeviceMapper.open({ transport: kernel });
  await dm.create('data', { table: [linear({ length: 1024, device: '/dev/sda' })] });
  return { kernel, dm };
}

test('move moves the device', async () => {
  const { dm } = await setUp();
  await move(dm, 'data', '/dev/sdb');
  assert.deepEqual(
    (await dm.table('data')).targets.map(({ params }) => params),
    ['8:16 0'],
  );
});

test('a busy device stays', async () => {
  const { kernel, dm } = await setUp();
  kernel.hold('data');
  await assert.rejects(dm.remove('data'), { code: 'EBUSY' });
  kernel.release('data');
  const suspends: CallFilter = ({ command, header }) =>
    command.name === 'DM_DEV_SUSPEND' && (header.flags & DmFlag.SUSPEND) !== 0;
  const fault: Fault = kernel.fail(suspends, 'ENOMEM', { times: 2 });
  await assert.rejects(dm.suspend('data'), { code: 'ENOMEM' });
  assert.equal(fault.met, 1);
  fault.end();
  kernel.hang('DM_DEV_REMOVE').end();
});

test('a pool without space raises an event', async () => {
  const { kernel, dm } = await setUp();
  await dm.create('pool', {
    table: [thinPool({ length: 64_000, metadataDevice: '/dev/sdb', dataDevice: '/dev/sda' })],
  });
  const mode: PoolMode = 'out_of_data_space';
  kernel.setPool('pool', { usedData: 500n, mode });
  kernel.raise('pool');
  const other: Transport = kernel.connect();
  const second = await DeviceMapper.open({ transport: other });
  assert.equal(await second.exists('pool'), true);
});

test('each command can fail', async () => {
  const commands: string[] = [];
  const refused: CommandName = 'DEV_REMOVE';
  const answer = ({ command }: FakeRequest): FakeReply => {
    commands.push(command.name);
    return command === Dm[refused] ? 'EBUSY' : {};
  };
  const kernel: KernelFunction = answer;
  const dm = await DeviceMapper.open({ transport: fakeKernel(kernel) });
  await assert.rejects(dm.remove('data'), { code: 'EBUSY' });
  assert.equal(commands.at(-1), 'DM_DEV_REMOVE');
});
