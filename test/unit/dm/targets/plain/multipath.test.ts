import { type MultipathParams, multipath } from '../../../../../src/dm/targets/plain/multipath.ts';
import { anyMultipath } from '../../../../support/arbitraries/targets/multipath.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const paths = [
  { device: '7:0', args: ['1'] },
  { device: '7:1', args: ['1'] },
];
const params: MultipathParams = { initialGroup: 1, groups: [{ selector: 'round-robin', paths }] };
const GROUP = 'round-robin 0 2 1 7:0 1 7:1 1';

testRows(multipath, {
  params: [
    [`0 0 1 1 ${GROUP}`, params],
    [
      '3 queue_if_no_path queue_mode bio 0 1 1 service-time 0 2 2 7:0 1 1 7:1 1 1',
      {
        queueIfNoPath: true,
        queueMode: 'bio',
        initialGroup: 1,
        groups: [
          {
            selector: 'service-time',
            paths: paths.map(({ device }) => ({ device, args: ['1', '1'] })),
          },
        ],
      },
    ],
    [
      `9 queue_if_no_path pg_init_retries 50 pg_init_delay_msecs 0 retain_attached_hw_handler queue_mode mq new 2 alua 1 2 2 ${GROUP} ${GROUP}`,
      {
        queueIfNoPath: true,
        pgInitRetries: 50,
        pgInitDelayMsecs: 0,
        retainAttachedHwHandler: true,
        queueMode: 'mq',
        extra: ['new'],
        hardwareHandler: { name: 'alua', args: ['1'] },
        initialGroup: 2,
        groups: [...params.groups, ...params.groups],
      },
    ],
    ['0 0 0 0', { initialGroup: 0, groups: [] }],
    [
      '0 1 emc 1 1 historical-service-time 1 100 1 0 7:0',
      {
        hardwareHandler: { name: 'emc' },
        initialGroup: 1,
        groups: [
          {
            selector: 'historical-service-time',
            selectorArgs: ['100'],
            paths: [{ device: '7:0' }],
          },
        ],
      },
    ],
  ],
  read: [
    // Captured: with a blank at the end.
    [`0 0 1 1 ${GROUP} `, params],
    [`1 QUEUE_IF_NO_PATH 0 1 1 ${GROUP}`, { ...params, queueIfNoPath: true }],
  ],
  written: [
    [{ groups: params.groups }, `0 0 1 1 ${GROUP}`],
    [{ groups: [] }, '0 0 0 0'],
  ],
  noParams: [
    ['', 'multipath, feature count (word 1): expected a word'],
    ['1 queue_if_no_path', 'multipath, hardware handler count (word 3): expected a word'],
    [`1 pg_init_retries 0 1 1 ${GROUP}`, 'multipath, pg_init_retries (word 3): expected a word'],
    ['0 0 1 1 round-robin 0 2 1 7:0 1 7:1', 'multipath, path argument (word 12): expected a word'],
    [`0 0 2 1 ${GROUP}`, 'multipath, selector (word 13): expected a word'],
  ],
  notWritten: [
    [{ groups: undefined as never }, 'multipath.groups: expected an array of groups'],
    [
      { ...params, initialGroup: 0 },
      'multipath.initialGroup: expected an integer from 1 to 1, got 0',
    ],
    [
      { ...params, initialGroup: 2 },
      'multipath.initialGroup: expected an integer from 1 to 1, got 2',
    ],
    [
      { groups: [], initialGroup: 1 },
      'multipath.initialGroup: expected an integer from 0 to 0, got 1',
    ],
    [
      { ...params, pgInitRetries: 0 },
      'multipath.pgInitRetries: expected an integer from 1 to 50, got 0',
    ],
    [
      { ...params, pgInitDelayMsecs: 60_001 },
      'multipath.pgInitDelayMsecs: expected an integer from 0 to 60000',
    ],
    [
      { ...params, queueMode: 'nvme' as never },
      'multipath.queueMode: expected bio or rq or mq, got "nvme"',
    ],
    [
      { ...params, hardwareHandler: { name: 'a b' } },
      'multipath.hardwareHandler.name: expected one word',
    ],
    [{ groups: [{ selector: '', paths }] }, 'multipath.groups[0].selector: expected one word'],
    [
      { groups: [{ selector: 'round-robin', paths: [] }] },
      'multipath.groups[0].paths: expected at least one, got 0',
    ],
    [
      { groups: [{ selector: 'round-robin', paths: [...paths, { device: '7:2' }] }] },
      'multipath.groups[0].paths[2].args: expected 1 words, like the first path of the group, got 0',
    ],
    [
      { groups: [{ selector: 'round-robin', paths: [{ device: 'sda' }] }] },
      'multipath.groups[0].paths[0].device: expected a path',
    ],
  ],
  status: [
    // Captured: Linux 7.3.
    [
      '2 1 0 0 1 1 E 0 2 0 7:0 A 0 7:1 A 0 ',
      {
        queueIo: true,
        pgInitCount: 0n,
        features: [],
        currentGroup: 1,
        groups: [
          {
            state: 'enabled',
            info: [],
            paths: ['7:0', '7:1'].map((device) => ({
              device,
              usable: true,
              letter: 'A',
              failures: 0n,
              info: [],
            })),
          },
        ],
        extra: [],
      },
    ],
    [
      '2 1 0 0 1 1 E 0 2 2 7:0 A 0 0 1 7:1 A 0 0 1 ',
      {
        queueIo: true,
        pgInitCount: 0n,
        features: [],
        currentGroup: 1,
        groups: [
          {
            state: 'enabled',
            info: [],
            paths: ['7:0', '7:1'].map((device) => ({
              device,
              usable: true,
              letter: 'A',
              failures: 0n,
              info: ['0', '1'],
            })),
          },
        ],
        extra: [],
      },
    ],
    [
      '3 0 2 new 0 2 2 D 1 x 1 0 7:0 F 3 A 0 1 0 7:1 A 0 more',
      {
        queueIo: false,
        pgInitCount: 2n,
        features: ['new'],
        currentGroup: 2,
        groups: [
          {
            state: 'disabled',
            info: ['x'],
            paths: [{ device: '7:0', usable: false, letter: 'F', failures: 3n, info: [] }],
          },
          {
            state: 'active',
            info: [],
            paths: [{ device: '7:1', usable: true, letter: 'A', failures: 0n, info: [] }],
          },
        ],
        extra: ['more'],
      },
    ],
    [
      '2 0 0 0 0 0 ',
      { queueIo: false, pgInitCount: 0n, features: [], currentGroup: 0, groups: [], extra: [] },
    ],
  ],
  noStatus: [
    ['', 'multipath status, feature count (word 1): expected a word'],
    ['2 x 0 0 0 0', 'multipath status, queue_io (word 2): expected'],
    ['2 0 0 0 1 1 A 0 1 0 7:0 A x', 'multipath status, path failures (word 13): expected'],
    ['2 0 0 0 1 1 A 0 1 1 7:0 A 0', 'multipath status, path info (word 14): expected a word'],
  ],
  messages: [
    [() => multipath.messages.queueIfNoPath(), 'queue_if_no_path'],
    [() => multipath.messages.failIfNoPath(), 'fail_if_no_path'],
    [() => multipath.messages.disableGroup(1), 'disable_group 1'],
    [() => multipath.messages.enableGroup(2), 'enable_group 2'],
    [() => multipath.messages.switchGroup(3), 'switch_group 3'],
    [() => multipath.messages.failPath('7:0'), 'fail_path 7:0'],
    [() => multipath.messages.reinstatePath('/dev/sda'), 'reinstate_path /dev/sda'],
  ],
  notSent: [
    [() => multipath.messages.disableGroup(0), 'group: expected an integer from 1'],
    [() => multipath.messages.failPath('sda'), 'device: expected a path'],
  ],
});

testLaws(multipath, anyMultipath, ['2 1 0 0 1 1 E 0 2 2 7:0 A 0 0 1 7:1 A 0 0 1 ', '2 0 0 0 0 0 ']);
