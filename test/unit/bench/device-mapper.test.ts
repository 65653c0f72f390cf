// The parts of the device-mapper benchmark that need no kernel.

import test from 'ava';
import { commandWords, processLine } from '../../../bench/device-mapper/commands.ts';
import { ownTimes } from '../../../bench/device-mapper/guest/profile.ts';
import { countCalls } from '../../../bench/device-mapper/guest/trace.ts';
import { operations } from '../../../bench/device-mapper/operations.ts';
import { peersOf } from '../../../bench/device-mapper/peers.ts';
import { LONG_TABLE, longTable } from '../../../bench/device-mapper/place.ts';
import { deviceMapperPlot } from '../../../bench/device-mapper/plot.ts';
import { deviceMapperSection, ratio } from '../../../bench/device-mapper/report.ts';
import type {
  DeviceMapperResults,
  OperationFigures,
  PeerFigures,
} from '../../../bench/device-mapper/results.ts';

const PLACE = { poolDev: '254:0', disk: '/dev/ubdc' };

const figures = (peer: PeerFigures['peer'], ...rounds: readonly number[]): PeerFigures => ({
  peer,
  rounds,
  ioctls: 1,
  calls: 9,
});

const CREATE: OperationFigures = {
  title: 'create <one>',
  goals: [
    { peer: 'threads', to: 'raw', ratio: 1.3 },
    { peer: 'inline', to: 'raw', ratio: 1.1 },
    { peer: 'pool', to: 'raw', ratio: 2 },
  ],
  peers: [
    figures('raw', 1000, 2000, 4000),
    figures('threads', 2000, 4000, 8000),
    figures('inline', 1050, 2100, 4200),
  ],
};

const RESULTS: DeviceMapperResults = {
  kernel: '7.2.7',
  node: 'v24.0.0',
  libdevmapper: '1.02.185',
  quick: true,
  operations: [CREATE],
  steps: [{ title: 'a step', rounds: [3000, 1000, 2000], calls: 2 }],
};

test('every peer has a line for every operation, except what ThinPool lacks', (t) => {
  const peers = peersOf('/programs', PLACE, '/long');
  for (const operation of operations) {
    const lacks = peers.filter((peer) => peer.line(operation, 1) === undefined);
    t.true(
      lacks.every(({ name }) => name === 'pool'),
      operation.word,
    );
  }
});

test('the numbers of devices only grow', (t) => {
  const numbers = operations.map(({ devices }) => devices);
  t.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});

test('each command of an operation starts a process', (t) => {
  const words = commandWords('suspend_resume', PLACE, '/long');
  t.is(
    processLine(2, ['dmsetup'], words),
    '2\tdmsetup\tsuspend\tbench-fixed\t;\tdmsetup\tresume\tbench-fixed',
  );
});

test('an operation without a command is refused', (t) => {
  t.throws(() => commandWords('unknown', PLACE, '/long'), {
    message: 'cannot measure unknown: it has no command',
  });
});

test('the long table has no gap', (t) => {
  const lines = longTable('/dev/ubdc').trimEnd().split('\n');
  t.is(lines.length, LONG_TABLE);
  t.is(lines[1], '8 8 linear /dev/ubdc 8');
});

test('the calls between two marks are counted; ioctls on other files are not those of the control node', (t) => {
  const trace = [
    '7 read(0<pipe:[1]>, "version 1", 4096) = 9',
    '7 access("/bench/begin", F_OK) = -1 ENOENT',
    '7 getppid() = 1',
    '7 access("/bench/end", F_OK) = -1 ENOENT',
    '7 access("/bench/begin", F_OK) = -1 ENOENT',
    '7 ioctl(3</dev/mapper/control<char 10:236>>, DM_VERSION, 0x1) = 0',
    '7 ioctl(1<pipe:[1]>, TCGETS, 0x1) = -1 ENOTTY',
    '8 ioctl(3</dev/mapper/control>, DM_DEV_CREATE, 0x1 <unfinished ...>',
    '7 futex(0x1, FUTEX_WAKE, 1) = 1',
    '8 <... ioctl resumed>) = 0',
    '7 access("/bench/end", F_OK) = -1 ENOENT',
    '7 write(1<pipe:[1]>, "1", 1) = 1',
  ].join('\n');
  t.deepEqual(countCalls(trace), [
    { ioctls: 0, calls: 1 },
    { ioctls: 2, calls: 4 },
  ]);
});

test('a ratio is that of two peers, and missing if one does not do the operation', (t) => {
  t.is(ratio(CREATE, 'threads', 'raw'), 2);
  t.is(ratio(CREATE, 'inline', 'threads'), 0.525);
  t.is(ratio(CREATE, 'pool', 'raw'), undefined);
});

test('the section shows ratios, goals that are reached or not, counts and steps', (t) => {
  const section = deviceMapperSection(RESULTS);
  t.true(section.includes('| create <one> | 2 µs | – | 1.05 | 2 | – | – | – |'), section);
  t.true(section.includes('| dmts to C | at most 1.3 | 2 | no |'), section);
  t.true(section.includes('| dmts, `threads: false` to C | at most 1.1 | 1.05 | yes |'), section);
  t.false(section.includes('`ThinPool` to C'), 'a goal of a peer that was not measured');
  t.true(section.includes('| 1 / 9 | – | 1 / 9 | 1 / 9 |'), section);
  t.true(section.includes('| a step | 2 µs | 2 |'), section);
});

test('the plot has one dot for each ratio and for each peer, and escapes titles', (t) => {
  const plot = deviceMapperPlot(RESULTS);
  t.is(plot.match(/<circle/g)?.length, 6 + 2);
  t.true(plot.includes('create &lt;one&gt;'));
  t.false(/NaN|Infinity/.test(plot));
});

test('the own times of a profile are summed by function, without waiting', (t) => {
  const node = (id: number, functionName: string, url = '') => ({
    id,
    callFrame: { functionName, url, lineNumber: 6 },
  });
  const nodes = [node(1, '(idle)'), node(2, '', 'file:///a/b/c.js'), node(3, 'f'), node(4, 'f')];
  const profile = { nodes, samples: [1, 2, 3, 4, 2], timeDeltas: [100, 1, 2, 3, 1] };
  t.deepEqual(ownTimes(profile), [
    { name: 'f', microseconds: 5 },
    { name: '(anonymous) b/c.js:7', microseconds: 2 },
  ]);
});
