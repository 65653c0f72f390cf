import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { io, ior, iow, iowr } from '../../../../src/ioctl/struct/request.ts';
import { askHeaders } from '../../../support/c-headers.ts';
import { PINNED, PINNED_HEADERS, pinned } from '../../../support/ioctl/pinned.ts';

const DM = 0xfd;
const BLK = 0x12;
const DM_COMMANDS = Object.keys(PINNED).filter((name) => name.startsWith('DM_'));

/** The macros of the headers, by the corresponding function. */
const requests: readonly (readonly [name: string, ours: number])[] = [
  ...DM_COMMANDS.filter((name) => name !== 'DM_MPATH_PROBE_PATHS').map(
    (name, nr) => [name, iowr(DM, nr, 312)] as const,
  ),
  ['DM_MPATH_PROBE_PATHS', io(DM, 18)],
  ['BLKGETSIZE64', ior(BLK, 114, 8)],
  ['BLKSSZGET', io(BLK, 104)],
  ['BLKDISCARD', io(BLK, 119)],
  ['FITRIM', iowr('X'.charCodeAt(0), 121, 24)],
];

/** The four macros in C arithmetic, independent of this machine. */
const MACROS = [
  ['_IO(0xfd, 18)', io(DM, 18)],
  ['_IO(0, 0)', io(0, 0)],
  ['_IOR(0x12, 114, char[8])', ior(BLK, 114, 8)],
  ['_IOR(0xff, 0xff, char[8191])', ior(0xff, 0xff, 8191)],
  ['_IOW(0x4c, 9, int)', iow(0x4c, 9, 4)],
  ['_IOW(0xff, 0xff, char[8191])', iow(0xff, 0xff, 8191)],
  ['_IOWR(0xfd, 0, char[312])', iowr(DM, 0, 312)],
  ['_IOWR(0xff, 0xff, char[8191])', iowr(0xff, 0xff, 8191)],
] as const satisfies readonly (readonly [string, number])[];

const hex = (value: number | undefined): string => `0x${(value ?? -1).toString(16)}`;

test('a request equals that of the headers on x86-64', (t) => {
  t.is(DM_COMMANDS.length, 19);
  for (const [name, ours] of requests) t.is(hex(ours), hex(pinned(name)), name);
});

const CORRECT = [
  ['DM_VERSION', iowr(DM, 0, 312), 0xc138fd00],
  ['_IO(0xfd, 18)', io(DM, 18), 0x0000fd12],
  ['BLKGETSIZE64', ior(BLK, 114, 8), 0x80081272],
  ['BLKDISCARD', io(BLK, 119), 0x1277],
  ['_IOW(0x4c, 9, int)', iow(0x4c, 9, 4), 0x40044c09],
] as const;

for (const [title, ours, expected] of CORRECT) {
  test(title, (t) => t.is(hex(ours), hex(expected)));
}

/** The values of the headers. Without headers, the test logs that and uses the pinned table only. */
function answersOrPinned(
  t: ExecutionContext,
  expressions: readonly string[],
): ReadonlyMap<string, number> {
  const { values, reason } = askHeaders({ headers: PINNED_HEADERS, expressions });
  if (values) return values;
  t.log(`NOT COMPARED WITH THE C HEADERS: ${reason}`);
  return new Map();
}

test('every pinned number equals that of the C headers of this machine', (t) => {
  const answers = answersOrPinned(t, Object.keys(PINNED));
  const ours = new Map(requests);
  for (const [expression, value] of Object.entries(PINNED)) {
    const answer = answers.get(expression);
    if (answer === undefined && answers.size > 0) {
      t.log(`not in this machine's headers, compared with the pinned value only: ${expression}`);
    }
    t.is(hex(ours.get(expression) ?? value), hex(answer ?? value), expression);
  }
});

test('the macros of <asm-generic/ioctl.h> agree', (t) => {
  const answers = answersOrPinned(
    t,
    MACROS.map(([expression]) => expression),
  );
  if (answers.size === 0) t.is(iowr(DM, 0, 312), pinned('DM_VERSION'));
  for (const [expression, ours] of MACROS) {
    const answer = answers.get(expression);
    if (answer !== undefined) t.is(hex(ours), hex(answer), expression);
  }
});

test('the four parts of a request can be decoded', (t) => {
  const byte = fc.nat(0xff);
  fc.assert(
    fc.property(byte, byte, fc.nat(0x3fff), (type, number, size) => {
      const all = [
        io(type, number),
        ior(type, number, size),
        iow(type, number, size),
        iowr(type, number, size),
      ];
      const directions = all.map((request) => request >>> 30);
      t.is(new Set(directions).size, 4);
      all.forEach((request, i) => {
        t.true(Number.isInteger(request) && request >= 0 && request <= 0xffffffff);
        t.is(request & 0xff, number);
        t.is((request >>> 8) & 0xff, type);
        t.is((request >>> 16) & 0x3fff, i === 0 ? 0 : size);
      });
    }),
  );
});
