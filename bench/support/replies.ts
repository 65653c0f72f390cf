// Replies of the kernel with many entries, written with the encoders of the library.

import { align8, dmNameList, dmNameListTail, dmTargetSpec } from '../../src/dm/wire/abi.ts';
import { makeDev } from '../../src/dm/wire/device-number.ts';

const NAME_AT = 12;
const HAS_UUID = 1;
const MAJOR = 253;

/** The reply of DM_TABLE_STATUS for `count` linear targets of 8 sectors. */
export function linearTargets(count: number): Buffer {
  let next = 0;
  const records = Array.from({ length: count }, (_, i) => {
    const params = `8:16 ${8 * i}`;
    const record = Buffer.alloc(align8(dmTargetSpec.size + params.length + 1));
    next += record.length;
    const place = { sectorStart: BigInt(8 * i), length: 8n };
    dmTargetSpec.encodeInto({ ...place, status: 0, next, targetType: 'linear' }, record);
    record.write(params, dmTargetSpec.size, 'latin1');
    return record;
  });
  return Buffer.concat(records);
}

/** The reply of DM_LIST_DEVICES for `count` devices. `nameOf` returns the kernel's name of a device. */
export function deviceList(count: number, nameOf: (i: number) => string): Buffer {
  const records = Array.from({ length: count }, (_, i) => {
    const [name, uuid] = [nameOf(i), `LVM-${String(i).padStart(64, 'x')}`];
    const tail = align8(NAME_AT + name.length + 1);
    const uuidAt = tail + dmNameListTail.size;
    const record = Buffer.alloc(uuidAt + align8(uuid.length + 1));
    dmNameList.encodeInto(
      { dev: makeDev(MAJOR, i), next: i < count - 1 ? record.length : 0 },
      record,
    );
    record.write(name, NAME_AT, 'latin1');
    dmNameListTail.encodeInto({ eventNr: i, flags: HAS_UUID }, record, tail);
    record.write(uuid, uuidAt, 'latin1');
    return record;
  });
  return Buffer.concat(records);
}
