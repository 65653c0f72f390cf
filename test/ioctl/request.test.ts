import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { io, ior, iow, iowr } from '../../src/ioctl/request.ts';
import { askHeaders } from '../helpers/c-headers.ts';
import { PINNED, PINNED_HEADERS, pinned } from './pinned.ts';

const DM = 0xfd;
const BLK = 0x12;
const DM_COMMANDS = Object.keys(PINNED).filter((name) => name.startsWith('DM_'));

/** The macros of the headers, by the call that mirrors each. */
const requests = (arch?: string): (readonly [name: string, ours: number])[] => [
  ...DM_COMMANDS.filter((name) => name !== 'DM_MPATH_PROBE_PATHS').map(
    (name, nr) => [name, iowr(DM, nr, 312, arch)] as const,
  ),
  ['DM_MPATH_PROBE_PATHS', io(DM, 18, arch)],
  ['BLKGETSIZE64', ior(BLK, 114, 8, arch)],
  ['BLKSSZGET', io(BLK, 104, arch)],
  ['BLKDISCARD', io(BLK, 119, arch)],
  ['FITRIM', iowr('X'.charCodeAt(0), 121, 24, arch)],
];

/** C's own arithmetic for the four macros, whatever machine this is. */
const MACROS = [
  ['_IO(0xfd, 18)', (arch) => io(DM, 18, arch)],
  ['_IO(0, 0)', (arch) => io(0, 0, arch)],
  ['_IOR(0x12, 114, char[8])', (arch) => ior(BLK, 114, 8, arch)],
  ['_IOR(0xff, 0xff, char[8191])', (arch) => ior(0xff, 0xff, 8191, arch)],
  ['_IOW(0x4c, 9, int)', (arch) => iow(0x4c, 9, 4, arch)],
  ['_IOW(0xff, 0xff, char[8191])', (arch) => iow(0xff, 0xff, 8191, arch)],
  ['_IOWR(0xfd, 0, char[312])', (arch) => iowr(DM, 0, 312, arch)],
  ['_IOWR(0xff, 0xff, char[8191])', (arch) => iowr(0xff, 0xff, 8191, arch)],
] as const satisfies readonly (readonly [string, (arch?: string) => number])[];

const THIRTEEN_BIT_PROLOGUE = `
#define _IOC_SIZEBITS 13
#define _IOC_DIRBITS 3
#define _IOC_NONE 1U
#define _IOC_READ 2U
#define _IOC_WRITE 4U`;

const hex = (value: number | undefined): string => `0x${(value ?? -1).toString(16)}`;

test('a request is what the headers made of it on x86-64', (t) => {
  t.is(DM_COMMANDS.length, 19);
  for (const [name, ours] of requests('x64')) t.is(hex(ours), hex(pinned(name)), name);
});

const CORRECT = [
  ['DM_VERSION on x64', iowr(DM, 0, 312, 'x64'), 0xc138fd00],
  ['DM_VERSION on arm64', iowr(DM, 0, 312, 'arm64'), 0xc138fd00],
  ['DM_VERSION on riscv64', iowr(DM, 0, 312, 'riscv64'), 0xc138fd00],
  ['DM_VERSION on s390x', iowr(DM, 0, 312, 's390x'), 0xc138fd00],
  ['DM_VERSION on ppc64', iowr(DM, 0, 312, 'ppc64'), 0xc138fd00],
  ['DM_VERSION on mipsel', iowr(DM, 0, 312, 'mipsel'), 0xc138fd00],
  ['_IO(0xfd, 18) on arm64', io(DM, 18, 'arm64'), 0x0000fd12],
  ['_IO(0xfd, 18) on ppc64', io(DM, 18, 'ppc64'), 0x2000fd12],
  ['_IO(0xfd, 18) on mips', io(DM, 18, 'mips'), 0x2000fd12],
  ['BLKGETSIZE64 on loong64', ior(BLK, 114, 8, 'loong64'), 0x80081272],
  ['BLKGETSIZE64 on ppc64', ior(BLK, 114, 8, 'ppc64'), 0x40081272],
  ['BLKDISCARD on x64', io(BLK, 119, 'x64'), 0x1277],
  ['BLKDISCARD on ppc64', io(BLK, 119, 'ppc64'), 0x20001277],
  ['_IOW(0x4c, 9, int) on x64', iow(0x4c, 9, 4, 'x64'), 0x40044c09],
  ['_IOW(0x4c, 9, int) on mips', iow(0x4c, 9, 4, 'mips'), 0x80044c09],
] as const;

for (const [title, ours, expected] of CORRECT) {
  test(title, (t) => t.is(hex(ours), hex(expected)));
}

/** The headers' answers; where there are none, the test says so and stands on the pinned table alone. */
function answersOrPinned(
  t: ExecutionContext,
  expressions: readonly string[],
  prologue = '',
): ReadonlyMap<string, number> {
  const { values, reason } = askHeaders({ headers: PINNED_HEADERS, expressions, prologue });
  if (values) return values;
  t.log(`NOT COMPARED WITH THE C HEADERS: ${reason}`);
  return new Map();
}

test('every pinned number is what the C headers of this machine say', (t) => {
  const answers = answersOrPinned(t, Object.keys(PINNED));
  const ours = new Map(requests());
  for (const [expression, value] of Object.entries(PINNED)) {
    const answer = answers.get(expression);
    if (answer === undefined && answers.size > 0) {
      t.log(`not in this machine's headers, compared with the pinned value only: ${expression}`);
    }
    // A request is compared as this machine numbers it, all else holds everywhere.
    const mine = ours.get(expression) ?? value;
    const expected = ours.has(expression) && process.arch !== 'x64' ? mine : value;
    t.is(hex(mine), hex(answer ?? expected), expression);
  }
});

for (const [title, arch, prologue] of [
  ['14-bit', process.arch, ''],
  ['13-bit', 'ppc64', THIRTEEN_BIT_PROLOGUE],
] as const) {
  test(`the ${title} macros of <asm-generic/ioctl.h> agree`, (t) => {
    const answers = answersOrPinned(
      t,
      MACROS.map(([expression]) => expression),
      prologue,
    );
    if (answers.size === 0) t.is(iowr(DM, 0, 312, arch), pinned('DM_VERSION'));
    for (const [expression, ours] of MACROS) {
      const answer = answers.get(expression);
      if (answer !== undefined) t.is(hex(ours(arch)), hex(answer), expression);
    }
  });
}

test('the four parts of a request can be told apart again', (t) => {
  const byte = fc.nat(0xff);
  const arch = fc.constantFrom('x64', 'arm64', 'ppc64', 'mips');
  fc.assert(
    fc.property(byte, byte, fc.nat(0x1fff), arch, (type, number, size, on) => {
      const sizeBits = on === 'ppc64' || on === 'mips' ? 13 : 14;
      const all = [
        io(type, number, on),
        ior(type, number, size, on),
        iow(type, number, size, on),
        iowr(type, number, size, on),
      ];
      const directions = all.map((request) => request >>> (16 + sizeBits));
      t.is(new Set(directions).size, 4);
      all.forEach((request, i) => {
        t.true(Number.isInteger(request) && request >= 0 && request <= 0xffffffff);
        t.is(request & 0xff, number);
        t.is((request >>> 8) & 0xff, type);
        t.is((request >>> 16) & (2 ** sizeBits - 1), i === 0 ? 0 : size);
      });
    }),
  );
});
