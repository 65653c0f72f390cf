import test from 'ava';
import { kernelReason } from '../../../../src/dm/wire/kernel-reason.ts';

const DEV = 0xfd00n;
const TAIL = 'device-mapper: ioctl: error adding target to table';

interface Row {
  readonly title: string;
  readonly lines: readonly string[];
  readonly dev?: bigint;
  readonly reason: string | undefined;
}

// Lines as kernels print them: with the name of the errno, with its number, or without it.
const ROWS: readonly Row[] = [
  { title: 'no lines', lines: [], dev: DEV, reason: undefined },
  { title: 'only the line without a reason', lines: [TAIL], dev: DEV, reason: undefined },
  {
    title: 'only lines of other subsystems',
    lines: ['loop0: detected capacity change from 0 to 8', 'EXT4-fs (dm-0): mounted'],
    dev: DEV,
    reason: undefined,
  },
  {
    title: 'a rejected table',
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
    title: 'a line of another device as well',
    lines: [
      'device-mapper: table: 253:1: linear: Invalid argument count (-EINVAL)',
      'device-mapper: table: 253:0: linear: Invalid device sector (-EINVAL)',
      TAIL,
    ],
    dev: DEV,
    reason: 'linear: Invalid device sector',
  },
  {
    title: 'two lines of the device',
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
    title: 'the device number is unknown',
    lines: ['device-mapper: table: 253:0: linear: Device lookup failed (-ENOENT)'],
    reason: 'table: 253:0: linear: Device lookup failed',
  },
  {
    title: 'a device number that is the end of another',
    lines: ['device-mapper: table: 253:0: linear: x (-EINVAL)', 'device-mapper: ioctl: y'],
    dev: 0x300n,
    reason: 'table: 253:0: linear: x; ioctl: y',
  },
  {
    title: 'a minor number that is the beginning of another',
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
