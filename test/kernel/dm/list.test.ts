// A list longer than the first buffer is complete and without duplicates, and the next list takes one ioctl.

import test from 'ava';
import { Dm } from '../../../src/dm/wire/commands.ts';
import { openControlNode } from '../../../src/dm/wire/control-node.ts';
import { DeviceMapper, type Transport } from '../../../src/index.ts';
import { uniqueName } from '../../support/kernel/scratch.ts';

const DEVICES = 1500;
const NAME_MAX = 127;
/** Concurrent changes: enough to keep both processors busy. */
const AT_ONCE = 8;

/** The real control node, with a count of each command. */
function counting(request: number): { readonly transport: Transport; count: number } {
  const node = openControlNode({ devDir: '/dev', threads: true });
  const counted = {
    count: 0,
    transport: {
      ...node,
      ioctl: (call: Parameters<Transport['ioctl']>[0]) => {
        if (call.request === request) counted.count += 1;
        return node.ioctl(call);
      },
    },
  };
  return counted;
}

async function forEach<T>(items: readonly T[], task: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await task(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

test(`${DEVICES} devices with names of ${NAME_MAX} bytes are listed completely, once each`, async (t) => {
  const counted = counting(Dm.LIST_DEVICES.request);
  await using dm = await DeviceMapper.open({ transport: counted.transport });
  const prefix = uniqueName('many');
  const names = Array.from({ length: DEVICES }, (_, i) =>
    `${prefix}-${String(i).padStart(5, '0')}-`.padEnd(NAME_MAX, 'n'),
  );
  t.teardown(async () => {
    await using again = await DeviceMapper.open();
    await forEach(names, async (name) => {
      if (await again.exists(name)) await again.remove(name);
    });
  });
  await forEach(names, (name) => dm.create(name));

  const listed = (await dm.list())
    .map(({ name }) => name)
    .filter((name) => name.startsWith(prefix));
  t.deepEqual(listed, names);
  const first = counted.count;
  t.is((await dm.list()).length, DEVICES);
  t.log(`the first listing took ${first} ioctls, the second ${counted.count - first}`);
  t.true(first > 1, 'the first buffer is too small for so many');
  t.is(counted.count - first, 1);
});
