// The steps inside a call of the library, each by itself. The protocol of peer.h.

import { deviceInfo } from '../../../src/dm/reply/device-info.ts';
import { makeNode, removeNode } from '../../../src/dm/reply/nodes.ts';
import { linear } from '../../../src/dm/targets/index.ts';
import { type DmHeader, dmIoctl } from '../../../src/dm/wire/abi.ts';
import { Dm } from '../../../src/dm/wire/commands.ts';
import { openControlNode } from '../../../src/dm/wire/control-node.ts';
import { DeviceMapper, type Transport } from '../../../src/index.ts';
import { openKernelLog } from '../../../src/ioctl/kernel/kmsg.ts';
import { syscall } from '../../../src/ioctl/libc/libc.ts';
import { callOnceInThread } from '../../../src/ioctl/thread/threads.ts';
import { type Run, serve } from './serve.ts';

/** The header's version: a kernel that has every command. */
const VERSION = Buffer.from(Uint32Array.of(4, 48, 0).buffer);

/** Answers each request at once with itself and its version: what is left is the library's own work. */
const NO_KERNEL: Transport = {
  ioctl: ({ buffer }) => {
    buffer.set(VERSION);
    return { errno: 0, buffer };
  },
  event: () => Promise.reject(new Error('no events')),
  close: () => undefined,
};

const REPLY_SIZE = 16 * 1024;
const header = (name: string, dataSize: number): DmHeader => ({
  version: [4, 0, 0],
  dataSize,
  dataStart: dmIoctl.size,
  targetCount: 0,
  openCount: 0,
  flags: 0,
  eventNr: 0,
  dev: 0n,
  name,
  uuid: '',
});
const version = Buffer.alloc(dmIoctl.size);
dmIoctl.encodeInto(header('', dmIoctl.size), version);
const status = Buffer.alloc(dmIoctl.size);
dmIoctl.encodeInto(header('bench-fixed', REPLY_SIZE), status);
const kept = Buffer.alloc(REPLY_SIZE);

/** Asks for the status of a device. The kernel's reply overwrites the request. */
function askStatus(buffer: Buffer): unknown {
  buffer.set(status);
  return control.ioctl({ request: Dm.TABLE_STATUS.request, buffer, blocks: 'no' });
}

const control = openControlNode({ devDir: '/dev', threads: false });
const dm = await DeviceMapper.open({ transport: NO_KERNEL });
const table = [linear({ length: 2048, device: '/dev/null' })];

const steps: Readonly<Record<string, Run>> = {
  call: () => syscall('gettid', []),
  ioctl: () => control.ioctl({ request: Dm.VERSION.request, buffer: version, blocks: 'no' }),
  kept: () => askStatus(kept),
  fresh: () => askStatus(Buffer.alloc(REPLY_SIZE)),
  thread: () => callOnceInThread('gettid', []),
  log: () => openKernelLog()?.close(),
  info: () => dm.info('name'),
  record: () => deviceInfo(header('name', REPLY_SIZE), { mangling: 'auto', devDir: '/dev' }),
  message: () => dm.message('name', 'create_thin 1'),
  create: () => dm.create('name', { table }),
  node: () => {
    makeNode('/dev', 'bench-node', 0n);
    removeNode('/dev', 'bench-node');
  },
};

await serve(steps);
