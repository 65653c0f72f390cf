// Every option: accepted values with their effects, and rejected values with their errors.

import test from 'ava';
import { StorageError } from '../../../../src/storage/config/errors.ts';
import { STORAGE_OPTION_NAMES } from '../../../../src/storage/config/option-table.ts';
import {
  parseStorageOptions,
  type StorageOptions,
} from '../../../../src/storage/config/options.ts';

const GIB = 1024n ** 3n;

const DEFAULTS: StorageOptions = {
  baseSize: undefined,
  loopDataSize: undefined,
  loopMetadataSize: undefined,
  filesystem: undefined,
  mkfsArgs: [],
  mountOptions: [],
  dataDevice: undefined,
  metadataDevice: undefined,
  blkDiscard: true,
  blockSize: 65_536n,
  thinPoolDevice: undefined,
  overrideUdevSyncCheck: false,
  deferredRemoval: true,
  deferredDeletion: true,
  minFreeSpacePercent: 10,
  xfsNospaceMaxRetries: undefined,
  directLvm: undefined,
  libdmLogLevel: 2,
};

const DISK = 'dm.directlvm_device=/dev/sdb';
const LVM = {
  device: '/dev/sdb',
  force: false,
  thinpPercent: 0,
  thinpMetaPercent: 0,
  autoExtendThreshold: 0,
  autoExtendPercent: 0,
};

type Effect = Partial<StorageOptions>;

const taken: readonly (readonly [words: string, effect: Effect])[] = [
  ['', {}],
  ['dm.basesize=20G', { baseSize: 20n * GIB }],
  ['dm.loopdatasize=200GB', { loopDataSize: 200n * GIB }],
  ['dm.loopmetadatasize=4 gib', { loopMetadataSize: 4n * GIB }],
  ['dm.fs=ext4', { filesystem: 'ext4' }],
  ['dm.fs=xfs', { filesystem: 'xfs' }],
  ['dm.mkfsarg=-O ^has_journal', { mkfsArgs: ['-O ^has_journal'] }],
  ['dm.mountopt=nodiscard,noatime', { mountOptions: ['nodiscard,noatime'] }],
  [
    'dm.datadev=/dev/sdb|dm.metadatadev=/dev/sdc',
    { dataDevice: '/dev/sdb', metadataDevice: '/dev/sdc', blkDiscard: false },
  ],
  ['dm.blkdiscard=false', { blkDiscard: false }],
  ['dm.blocksize=512K', { blockSize: 524_288n }],
  ['dm.blocksize=1G', { blockSize: GIB }],
  ['dm.thinpooldev=/dev/mapper/vg-pool', { thinPoolDevice: 'vg-pool', blkDiscard: false }],
  ['dm.thinpooldev=vg-pool', { thinPoolDevice: 'vg-pool', blkDiscard: false }],
  ['dm.thinpooldev=pool|dm.blkdiscard=true', { thinPoolDevice: 'pool', blkDiscard: true }],
  ['dm.override_udev_sync_check=true', { overrideUdevSyncCheck: true }],
  ['dm.use_deferred_removal=true', {}],
  ['dm.use_deferred_removal=false', { deferredRemoval: false, deferredDeletion: false }],
  ['dm.use_deferred_deletion=false', { deferredDeletion: false }],
  ['dm.min_free_space=0%', { minFreeSpacePercent: 0 }],
  ['dm.min_free_space=99%', { minFreeSpacePercent: 99 }],
  ['dm.xfs_nospace_max_retries=0', { xfsNospaceMaxRetries: 0n }],
  ['dm.xfs_nospace_max_retries=18446744073709551615', { xfsNospaceMaxRetries: 2n ** 64n - 1n }],
  [DISK, { directLvm: LVM, blkDiscard: false }],
  [
    `${DISK}|dm.directlvm_device_force=true`,
    { directLvm: { ...LVM, force: true }, blkDiscard: false },
  ],
  [
    `${DISK}|dm.thinp_percent=90%|dm.thinp_metapercent=10`,
    { directLvm: { ...LVM, thinpPercent: 90, thinpMetaPercent: 10 }, blkDiscard: false },
  ],
  [
    `${DISK}|dm.thinp_autoextend_threshold=100|dm.thinp_autoextend_percent=20%`,
    { directLvm: { ...LVM, autoExtendThreshold: 100, autoExtendPercent: 20 }, blkDiscard: false },
  ],
  ['dm.libdm_log_level=7', { libdmLogLevel: 7 }],
  // A repeated option: the last one wins; these two accumulate in order.
  ['dm.basesize=1G|dm.basesize=2G', { baseSize: 2n * GIB }],
  ['dm.mkfsarg=-m|dm.mkfsarg=0', { mkfsArgs: ['-m', '0'] }],
  ['dm.mountopt=ro|dm.mountopt=nosuid', { mountOptions: ['ro', 'nosuid'] }],
  // As in Docker: surrounding blanks are removed, the name is case-insensitive, and a value may contain "=".
  [' DM.FS = xfs ', { filesystem: 'xfs' }],
  ['dm.mkfsarg=-E=a=b', { mkfsArgs: ['-E=a=b'] }],
  ...['1', 't', 'T', 'TRUE', 'True'].map(
    (word) => [`dm.override_udev_sync_check=${word}`, { overrideUdevSyncCheck: true }] as const,
  ),
  ...['0', 'f', 'F', 'FALSE', 'False'].map(
    (word) => [`dm.blkdiscard=${word}`, { blkDiscard: false }] as const,
  ),
];

for (const [words, effect] of taken) {
  test(`accepted: ${words}`, (t) => {
    const options = parseStorageOptions(words === '' ? [] : words.split('|'));
    t.deepEqual(options, { ...DEFAULTS, ...effect });
  });
}

const SIZE = /expected a size such as 10G/;
const BOOL = /expected true or false/;
const BLOCK = /expected a multiple of 64K, from 64K to 1G/;

const refused: readonly (readonly [words: string, subject: string, said: RegExp])[] = [
  ['dm.basesize=ten', 'dm.basesize', SIZE],
  ['dm.basesize=0', 'dm.basesize', SIZE],
  ['dm.basesize=-1G', 'dm.basesize', SIZE],
  ['dm.basesize=1000', 'dm.basesize', /expected a multiple of 512 bytes, got 1000/],
  ['dm.loopdatasize=', 'dm.loopdatasize', /got ""/],
  ['dm.loopmetadatasize=1x', 'dm.loopmetadatasize', SIZE],
  ['dm.fs=btrfs', 'dm.fs', /expected ext4 or xfs, got "btrfs"/],
  ['dm.fs=XFS', 'dm.fs', /expected ext4 or xfs/],
  ['dm.mkfsarg=', 'dm.mkfsarg', /expected an argument for mkfs/],
  ['dm.mountopt=', 'dm.mountopt', /expected mount options/],
  ['dm.datadev=|dm.metadatadev=/m', 'dm.datadev', /expected a path/],
  ['dm.datadev=/d', 'dm.datadev', /it needs dm\.metadatadev as well/],
  ['dm.metadatadev=', 'dm.metadatadev', /expected a path/],
  ['dm.metadatadev=/m', 'dm.metadatadev', /it needs dm\.datadev as well/],
  ['dm.blkdiscard=yes', 'dm.blkdiscard', BOOL],
  ['dm.blocksize=100K', 'dm.blocksize', BLOCK],
  ['dm.blocksize=32K', 'dm.blocksize', BLOCK],
  ['dm.blocksize=2G', 'dm.blocksize', BLOCK],
  ['dm.blocksize=0', 'dm.blocksize', BLOCK],
  ['dm.thinpooldev=', 'dm.thinpooldev', /expected the name of a thin pool/],
  [
    'dm.thinpooldev=p|dm.datadev=/d|dm.metadatadev=/m',
    'dm.thinpooldev',
    /it conflicts with dm\.datadev/,
  ],
  ['dm.override_udev_sync_check=maybe', 'dm.override_udev_sync_check', BOOL],
  ['dm.use_deferred_removal=on', 'dm.use_deferred_removal', BOOL],
  ['dm.use_deferred_deletion=', 'dm.use_deferred_deletion', BOOL],
  [
    'dm.use_deferred_deletion=true|dm.use_deferred_removal=false',
    'dm.use_deferred_deletion',
    /it needs dm\.use_deferred_removal, which is false/,
  ],
  ['dm.min_free_space=10', 'dm.min_free_space', /from 0% to 99%, got "10"/],
  ['dm.min_free_space=100%', 'dm.min_free_space', /from 0% to 99%/],
  ['dm.min_free_space=1.5%', 'dm.min_free_space', /from 0% to 99%/],
  ['dm.xfs_nospace_max_retries=-1', 'dm.xfs_nospace_max_retries', /a whole number, 0 or more/],
  [
    'dm.xfs_nospace_max_retries=18446744073709551616',
    'dm.xfs_nospace_max_retries',
    /a whole number/,
  ],
  ['dm.directlvm_device=', 'dm.directlvm_device', /expected a path/],
  [`${DISK}|dm.thinpooldev=p`, 'dm.directlvm_device', /it conflicts with dm\.thinpooldev/],
  [`${DISK}|dm.datadev=/d|dm.metadatadev=/m`, 'dm.directlvm_device', /and dm\.datadev/],
  ['dm.directlvm_device_force=2', 'dm.directlvm_device_force', BOOL],
  ['dm.directlvm_device_force=true', 'dm.directlvm_device_force', /needs dm\.directlvm_device/],
  ['dm.thinp_percent=100', 'dm.thinp_percent', /from 0 to 99/],
  [`${DISK}|dm.thinp_percent=90`, 'dm.thinp_percent', /need each other/],
  [
    `${DISK}|dm.thinp_percent=99|dm.thinp_metapercent=2`,
    'dm.thinp_percent',
    /together with dm\.thinp_metapercent, got 101 %/,
  ],
  ['dm.thinp_metapercent=x', 'dm.thinp_metapercent', /from 0 to 99/],
  ['dm.thinp_metapercent=1', 'dm.thinp_metapercent', /it needs dm\.directlvm_device/],
  ['dm.thinp_autoextend_threshold=101', 'dm.thinp_autoextend_threshold', /from 0 to 100/],
  ['dm.thinp_autoextend_threshold=80', 'dm.thinp_autoextend_threshold', /it needs/],
  ['dm.thinp_autoextend_percent=-1', 'dm.thinp_autoextend_percent', /from 0 to 100/],
  ['dm.libdm_log_level=1', 'dm.libdm_log_level', /a whole number from 2 to 7, got "1"/],
  ['dm.libdm_log_level=8', 'dm.libdm_log_level', /from 2 to 7/],
  ['dm.fs', 'storage option', /expected NAME=VALUE, got "dm\.fs"/],
  ['fs=xfs', 'storage option', /unknown option "fs"/],
  ['=xfs', 'storage option', /unknown option ""/],
  ['dm.dm.fs=xfs', 'storage option', /unknown option "dm\.dm\.fs"/],
  ['dm.__proto__=1', 'storage option', /unknown option/],
  ['dm.no_warn_on_loop_devices=true', 'storage option', /unknown option/],
];

for (const [words, subject, said] of refused) {
  test(`rejected: ${words}`, (t) => {
    const error = t.throws<StorageError>(() => parseStorageOptions(words.split('|')), {
      instanceOf: StorageError,
      code: 'ERR_STORAGE_OPTION',
      message: said,
    });
    t.is(error?.subject, subject);
  });
}

test('there are 23 options; each is accepted once and rejected once above', (t) => {
  t.is(STORAGE_OPTION_NAMES.length, 23);
  for (const name of STORAGE_OPTION_NAMES) {
    t.true(
      taken.some(([words]) => words.includes(`${name}=`)),
      name,
    );
    t.true(
      refused.some(([, subject]) => subject === name),
      name,
    );
  }
});

test('an unknown option lists all options', (t) => {
  const { message } = t.throws(() => parseStorageOptions(['dm.colour=red']))!;
  t.true(message.endsWith(`. The options are ${STORAGE_OPTION_NAMES.join(', ')}`));
});
