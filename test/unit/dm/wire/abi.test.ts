import test from 'ava';
import {
  align8,
  DM_HEADER_MIN,
  dmIoctl,
  dmNameList,
  dmTargetDeps,
  dmTargetMsg,
  dmTargetSpec,
  dmTargetVersions,
} from '../../../../src/dm/wire/abi.ts';
import { RECORD_LAWS } from '../../../support/arbitraries/codec-properties.ts';
import { proves } from '../../../support/arbitraries/runs.ts';
import { pinned } from '../../../support/ioctl/pinned.ts';
import { EMPTY } from '../../../support/testing/raw.ts';

// An offset of this library and its C expression. A test in test/ioctl compares pinned.ts with the machine's headers.
const OFFSETS = [
  [dmIoctl.offsets.version, 'struct dm_ioctl, version'],
  [dmIoctl.offsets.dataSize, 'struct dm_ioctl, data_size'],
  [dmIoctl.offsets.dataStart, 'struct dm_ioctl, data_start'],
  [dmIoctl.offsets.targetCount, 'struct dm_ioctl, target_count'],
  [dmIoctl.offsets.openCount, 'struct dm_ioctl, open_count'],
  [dmIoctl.offsets.flags, 'struct dm_ioctl, flags'],
  [dmIoctl.offsets.eventNr, 'struct dm_ioctl, event_nr'],
  [dmIoctl.offsets.dev, 'struct dm_ioctl, dev'],
  [dmIoctl.offsets.name, 'struct dm_ioctl, name'],
  [dmIoctl.offsets.uuid, 'struct dm_ioctl, uuid'],
  [DM_HEADER_MIN, 'struct dm_ioctl, data'],
  [dmTargetSpec.offsets.sectorStart, 'struct dm_target_spec, sector_start'],
  [dmTargetSpec.offsets.length, 'struct dm_target_spec, length'],
  [dmTargetSpec.offsets.status, 'struct dm_target_spec, status'],
  [dmTargetSpec.offsets.next, 'struct dm_target_spec, next'],
  [dmTargetSpec.offsets.targetType, 'struct dm_target_spec, target_type'],
  [dmNameList.offsets.dev, 'struct dm_name_list, dev'],
  [dmNameList.offsets.next, 'struct dm_name_list, next'],
  [dmNameList.size, 'struct dm_name_list, name'],
  [dmTargetDeps.offsets.count, 'struct dm_target_deps, count'],
  [dmTargetDeps.size, 'struct dm_target_deps, dev'],
  [dmTargetVersions.offsets.next, 'struct dm_target_versions, next'],
  [dmTargetVersions.offsets.version, 'struct dm_target_versions, version'],
  [dmTargetVersions.size, 'struct dm_target_versions, name'],
  [dmTargetMsg.offsets.sector, 'struct dm_target_msg, sector'],
  [dmTargetMsg.size, 'struct dm_target_msg, message'],
] as const;

for (const [ours, c] of OFFSETS) {
  test(`offsetof(${c})`, (t) => t.is(ours, pinned(`offsetof(${c})`)));
}

const SIZES = [
  [dmIoctl.size, 'struct dm_ioctl'],
  [dmTargetSpec.size, 'struct dm_target_spec'],
  [dmTargetDeps.size, 'struct dm_target_deps'],
  [dmTargetVersions.size, 'struct dm_target_versions'],
  [dmTargetMsg.size, 'struct dm_target_msg'],
] as const;

for (const [ours, c] of SIZES) {
  test(`sizeof(${c})`, (t) => t.is(ours, pinned(`sizeof(${c})`)));
}

test('a name holds 127 bytes and a uuid 128, each plus a NUL', (t) => {
  const longest = { ...EMPTY, name: 'n'.repeat(127), uuid: 'u'.repeat(128) };
  t.deepEqual(dmIoctl.decode(dmIoctl.encode(longest)), longest);
  t.throws(() => dmIoctl.encode({ ...EMPTY, name: 'n'.repeat(128) }), {
    message: /^dm_ioctl\.name: expected at most 127 bytes without NUL/,
  });
  t.throws(() => dmIoctl.encode({ ...EMPTY, uuid: 'u'.repeat(129) }), {
    message: /^dm_ioctl\.uuid: expected at most 128 bytes without NUL/,
  });
});

for (const [bytes, aligned] of [
  [0, 0],
  [1, 8],
  [7, 8],
  [8, 8],
  [9, 16],
  [305, 312],
  [312, 312],
  [0xfffffff9, 0x100000000],
] as const) {
  test(`align8(${bytes}) is ${aligned}`, (t) => t.is(align8(bytes), aligned));
}

// 10^5 cases in total. Headers are the slowest.
for (const law of RECORD_LAWS) {
  test(law.name, (t) => proves(t, law, 500));
}
