import test from 'ava';
import { DeviceMapper } from '../../../../src/dm/device/device-mapper.ts';
import { deviceTrees, formatTrees } from '../../../../src/dm/device/tree.ts';
import { makeDev } from '../../../../src/dm/wire/device-number.ts';
import { type FakeReply, fakeKernel } from '../../../../src/testing/index.ts';
import { depsList, nameList } from '../../../support/arbitraries/kernel-replies.ts';

const NAMES = ['pool', 'thin', 'alone'] as const;
const devOf = (name: (typeof NAMES)[number]): bigint => makeDev(253, NAMES.indexOf(name));
/** The number of a block device that does not exist. */
const NOBODY = makeDev(4095, 1_048_575);

/** A device mapper with three devices, which use the devices in `deps`. */
async function withDeps(deps: Readonly<Record<string, FakeReply>>): Promise<DeviceMapper> {
  const payload = nameList(
    NAMES.map((name) => ({ name, dev: devOf(name), eventNr: 0, uuid: undefined })),
  );
  const transport = fakeKernel(({ command, header }) => {
    if (command.name === 'DM_LIST_DEVICES') return { payload };
    if (command.name !== 'DM_TABLE_DEPS') return {};
    const name = NAMES.find((one) => devOf(one) === header.dev);
    return deps[name ?? ''] ?? { payload: depsList([]) };
  });
  return DeviceMapper.open({ transport });
}

test('deviceTrees returns the top-level devices, each with all devices below it', async (t) => {
  const dm = await withDeps({
    thin: { payload: depsList([devOf('pool')]) },
    pool: { payload: depsList([NOBODY]) },
  });
  t.deepEqual(formatTrees(await deviceTrees(dm)), [
    'thin (253:1)',
    ' └─pool (253:0)',
    '    └─ (4095:1048575)',
    'alone (253:2)',
  ]);
});

test('a device that is removed after the list has no dependencies', async (t) => {
  const dm = await withDeps({ thin: 'ENXIO', pool: { payload: depsList([]) } });
  t.deepEqual(formatTrees(await deviceTrees(dm)), [
    'pool (253:0)',
    'thin (253:1)',
    'alone (253:2)',
  ]);
});

test('deviceTrees throws every other error', async (t) => {
  const dm = await withDeps({ thin: 'EIO' });
  await t.throwsAsync(deviceTrees(dm), { name: 'DmError', code: 'EIO' });
});
