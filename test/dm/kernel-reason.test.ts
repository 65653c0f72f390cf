import test from 'ava';
import { kernelReason } from '../../src/dm/kernel-reason.ts';

const DEV = 0xfd00n;
const TAIL = 'device-mapper: ioctl: error adding target to table';

interface Row {
  readonly title: string;
  readonly lines: readonly string[];
  readonly dev?: bigint;
  readonly reason: string | undefined;
}

// Lines as the kernels print them: with the errno's name, its number, or none.
const ROWS: readonly Row[] = [
  { title: 'nothing was said', lines: [], dev: DEV, reason: undefined },
  { title: 'only the line that says nothing', lines: [TAIL], dev: DEV, reason: undefined },
  {
    title: 'others have spoken',
    lines: ['loop0: detected capacity change from 0 to 8', 'EXT4-fs (dm-0): mounted'],
    dev: DEV,
    reason: undefined,
  },
  {
    title: 'a refused table',
    lines: ['device-mapper: table: 253:0: linear: Device lookup failed (-ENOENT)', TAIL],
    dev: DEV,
    reason: 'linear: Device lookup failed',
  },
  {
    title: 'the errno as a number',
    lines: ['device-mapper: table: 253:0: linear: Device lookup failed (-19)', TAIL],
    dev: DEV,
    reason: 'linear: Device lookup failed',
  },
  {
    title: 'no errno',
    lines: ['device-mapper: table: 253:0: nosuch: unknown target type', TAIL],
    dev: DEV,
    reason: 'nosuch: unknown target type',
  },
  {
    title: 'another device, too',
    lines: [
      'device-mapper: table: 253:1: linear: Invalid argument count (-EINVAL)',
      'device-mapper: table: 253:0: linear: Invalid device sector (-EINVAL)',
      TAIL,
    ],
    dev: DEV,
    reason: 'linear: Invalid device sector',
  },
  {
    title: 'two lines of ours',
    lines: [
      'device-mapper: table: 253:0: dm-1 too small for target: start=0, len=204800, dev_size=2048',
      'device-mapper: table: 253:0: linear: gone (-EINVAL)',
    ],
    dev: DEV,
    reason: 'dm-1 too small for target: start=0, len=204800, dev_size=2048; linear: gone',
  },
  {
    title: 'no line names the device',
    lines: ["device-mapper: thin: Couldn't open thin internal device", TAIL],
    dev: DEV,
    reason: "thin: Couldn't open thin internal device",
  },
  {
    title: 'the device is not known',
    lines: ['device-mapper: table: 253:0: linear: Device lookup failed (-ENOENT)'],
    reason: 'table: 253:0: linear: Device lookup failed',
  },
  {
    title: 'a device whose number ends the same',
    lines: ['device-mapper: table: 253:0: linear: x (-EINVAL)', 'device-mapper: ioctl: y'],
    dev: 0x300n,
    reason: 'table: 253:0: linear: x; ioctl: y',
  },
  {
    title: 'a minor that begins the same',
    lines: [
      'device-mapper: table: 253:10: linear: x (-EINVAL)',
      'device-mapper: table: 253:1: linear: y (-EINVAL)',
    ],
    dev: 0xfd01n,
    reason: 'linear: y',
  },
];

for (const { title, lines, dev, reason } of ROWS) {
  test(title, (t) => t.is(kernelReason(lines, dev), reason));
}
