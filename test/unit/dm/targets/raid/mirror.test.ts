import { type MirrorParams, mirror } from '../../../../../src/dm/targets/raid/mirror.ts';
import { anyMirror } from '../../../../support/arbitraries/targets/mirror.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const legs = [
  { device: '7:0', offset: 0n },
  { device: '7:1', offset: 0n },
];
const core = { type: 'core', regionSize: 1024n, sync: 'nosync' } as const;
const params: MirrorParams = { log: core, legs };
const ten = Array.from({ length: 10 }, () => ({ device: '7:0' }));

testRows(mirror, {
  params: [
    // Captured: Linux 7.3.
    ['core 2 1024 nosync 2 7:0 0 7:1 0', params],
    [
      'disk 3 7:3 1024 nosync 2 7:0 0 7:1 0 2 handle_errors keep_log',
      { log: { ...core, type: 'disk', device: '7:3' }, legs, handleErrors: true, keepLog: true },
    ],
    ['core 1 8 2 7:0 0 7:1 0', { log: { type: 'core', regionSize: 8n }, legs }],
    [
      'core 3 8 sync block_on_error 2 7:0 0 7:1 0',
      { log: { type: 'core', regionSize: 8n, sync: 'sync', extra: ['block_on_error'] }, legs },
    ],
    [
      'userspace 5 LVM-abc integrated_flush clustered-disk 253:2 1024 2 7:0 0 7:1 0',
      {
        log: {
          type: 'userspace',
          uuid: 'LVM-abc',
          integratedFlush: true,
          args: ['clustered-disk', '253:2', '1024'],
        },
        legs,
      },
    ],
    [
      'userspace 1 LVM-abc 2 7:0 0 7:1 0',
      { log: { type: 'userspace', uuid: 'LVM-abc', args: [] }, legs },
    ],
    ['my-log 1 8 2 7:0 0 7:1 0', { log: { type: 'other', name: 'my-log', args: ['8'] }, legs }],
    [
      'core 2 1024 nosync 2 7:0 0 7:1 0 2 handle_errors new',
      { ...params, handleErrors: true, extra: ['new'] },
    ],
  ],
  read: [['core 2 1024 nosync 2 7:0 0 7:1 0 0', params]],
  written: [
    [
      {
        log: { type: 'core', regionSize: 8 },
        legs: [{ device: '/dev/sda' }, { device: '7:1', offset: 8 }],
      },
      'core 1 8 2 /dev/sda 0 7:1 8',
    ],
  ],
  noParams: [
    ['', 'mirror, log type (word 1): expected a word'],
    ['core 2 1024', 'mirror, log count (word 2): expected'],
    ['core 0 2 7:0 0 7:1 0', 'mirror, region size (word 3): expected a word'],
    [
      'core 1 x 2 7:0 0 7:1 0',
      'mirror, region size (word 3): expected an unsigned 64-bit decimal number, got "x"',
    ],
    ['core 1 8 3 7:0 0 7:1 0', 'mirror, leg device (word 9): expected a word'],
    ['core 1 8 2 7:0 0 7:1 x', 'mirror, leg offset (word 8): expected'],
    ['core 1 8 2 7:0 0 7:1 0 1', 'mirror, feature count (word 9): expected'],
  ],
  notWritten: [
    [{ ...params, legs: legs.slice(1) }, 'mirror.legs: expected 2 to 9, got 1'],
    [{ ...params, legs: ten }, 'mirror.legs: expected 2 to 9, got 10'],
    [{ ...params, legs: [...legs, { device: 'x' }] }, 'mirror.legs[2].device: expected a path'],
    [
      { ...params, legs: [...legs, { device: '7:2', offset: -1 }] },
      'mirror.legs[2].offset: expected',
    ],
    [{ ...params, keepLog: true }, 'mirror.handleErrors: expected true with keepLog'],
    [
      { legs, log: { type: 'core', regionSize: 3 } },
      'mirror.log.regionSize: expected a power of two',
    ],
    [
      { legs, log: { type: 'core', regionSize: 1 } },
      'mirror.log.regionSize: expected a power of two',
    ],
    [
      { legs, log: { type: 'core', regionSize: 8, sync: 'yes' as never } },
      'mirror.log.sync: expected sync or nosync, got "yes"',
    ],
    [
      { legs, log: { type: 'disk', device: 'x', regionSize: 8 } },
      'mirror.log.device: expected a path',
    ],
    [
      { legs, log: { type: 'userspace', uuid: '', args: [] } },
      'mirror.log.uuid: expected one word',
    ],
    [
      { legs, log: { type: 'tape' } as never },
      'mirror.log.type: expected "core", "disk", "userspace" or "other", got "tape"',
    ],
  ],
  status: [
    // The test data of libdevmapper.
    [
      '2 253:1 253:2 80/81 1 AD 3 disk 253:0 A',
      {
        legs: [
          { device: '253:1', health: 'A' },
          { device: '253:2', health: 'D' },
        ],
        regions: { inSync: 80n, total: 81n },
        log: { type: 'disk', device: '253:0', health: 'A' },
        extra: [],
      },
    ],
    [
      '4 253:1 253:2 253:3 253:4 10/10 1 ADFF 1 core',
      {
        legs: [
          { device: '253:1', health: 'A' },
          { device: '253:2', health: 'D' },
          { device: '253:3', health: 'F' },
          { device: '253:4', health: 'F' },
        ],
        regions: { inSync: 10n, total: 10n },
        log: { type: 'core' },
        extra: [],
      },
    ],
    // Captured: Linux 7.3.
    [
      '2 7:0 7:1 128/128 1 AA 1 core',
      {
        legs: legs.map(({ device }) => ({ device, health: 'A' as const })),
        regions: { inSync: 128n, total: 128n },
        log: { type: 'core' },
        extra: [],
      },
    ],
    [
      '2 7:0 7:1 0/1 1 SR 3 clustered-disk 253:0 A new',
      {
        legs: [
          { device: '7:0', health: 'S' },
          { device: '7:1', health: 'R' },
        ],
        regions: { inSync: 0n, total: 1n },
        log: { type: 'other', name: 'clustered-disk', words: ['253:0', 'A'] },
        extra: ['new'],
      },
    ],
    [
      '2 7:0 7:1 0/1 1 AA 4 disk 253:0 F new newer',
      {
        legs: legs.map(({ device }) => ({ device, health: 'A' as const })),
        regions: { inSync: 0n, total: 1n },
        log: { type: 'disk', device: '253:0', health: 'F', extra: ['new'] },
        extra: ['newer'],
      },
    ],
  ],
  noStatus: [
    ['', 'mirror status, leg count (word 1): expected a word'],
    ['x 7:0 7:1 1/1 1 AA 1 core', 'mirror status, leg count (word 1): expected'],
    ['2 7:0 7:1 1 1 AA 1 core', 'mirror status, regions (word 4): expected USED/TOTAL, got "1"'],
    ['2 7:0 7:1 1/1 2 AA 1 core', 'mirror status, health word count (word 5): expected 1, got "2"'],
    ['2 7:0 7:1 1/1 1 AAA 1 core', 'mirror status, health (word 6): expected 2 letters, got "AAA"'],
    ['2 7:0 7:1 1/1 1 AA 3 disk 7:3', 'mirror status, log count (word 7): expected'],
  ],
});

testLaws(mirror, anyMirror, [
  '2 253:1 253:2 80/81 1 AD 3 disk 253:0 A',
  '2 7:0 7:1 1/1 1 AA 1 core',
]);
