// An LVM thin pool on a disk of its own: dm.directlvm_device. LVM's programs create it once, and a record names its
// options. Source: device_setup.go in daemon/graphdriver/devmapper of moby.

import { stat } from 'node:fs/promises';
import { readHead, signatureOf } from '../../block/signatures.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { messageOf } from '../../ioctl/libc/errno.ts';
import { StorageError } from '../config/errors.ts';
import type { DirectLvmOptions } from '../config/options.ts';
import { DurableDirectory } from '../directory/durable-file.ts';
import { kindOf } from '../directory/file-kind.ts';
import type { Layout } from '../directory/layout.ts';
import { setupKind } from '../directory/records.ts';
import { readRecord } from '../directory/records-read.ts';
import { demandPrograms, runProgram } from '../filesystem/program.ts';

/** The record of the pool that was created, in the storage directory. */
const SETUP_FILE = 'setup-config.json';
const GROUP = 'docker';
const POOL = 'thinpool';
const METADATA = 'thinpoolmeta';
const PROFILE = 'docker-thinpool';
const PROGRAMS = [
  'pvs',
  'lvs',
  'pvcreate',
  'vgcreate',
  'lvcreate',
  'lvconvert',
  'lvchange',
  'thin_check',
];
const DEFAULTS = { data: 95, metadata: 1, threshold: 80, step: 20 };

/** The pool's name in the device mapper. */
export const DIRECT_LVM_POOL: string = `${GROUP}-${POOL}`;

const refuse = (device: string, problem: string, hint?: string): StorageError =>
  new StorageError({ code: 'ERR_STORAGE_POOL', subject: device, problem, hint });

/** The directory of LVM's profiles. */
const PROFILE_DIRECTORY = '/etc/lvm/profile';

/**
 * Creates the pool unless it exists, and activates it.
 * @throws StorageError ERR_STORAGE_POOL when the disk is in use or another pool was set up before; ERR_STORAGE_PROGRAM
 */
export async function ensureDirectLvm(
  layout: Layout,
  options: DirectLvmOptions,
  { signal }: CallOptions,
): Promise<void> {
  const recorded = await readSetup(layout);
  if (recorded !== undefined && setupKind.print(recorded) !== setupKind.print(options)) {
    throw refuse(
      options.device,
      `another pool was set up in this directory before, as ${SETUP_FILE} records: ${setupKind.print(recorded)}`,
      'Give the same options. To set up another pool, use another directory',
    );
  }
  demandPrograms(PROGRAMS);
  if (recorded === undefined) {
    if (!(await isMade(options.device, signal))) await makePool(options, signal);
    await setProfile(options, signal);
    await using directory = await DurableDirectory.open(layout.root);
    await directory.write(SETUP_FILE, setupKind.print(options));
  }
  await runProgram('lvchange', ['--activate', 'y', '--yes', `${GROUP}/${POOL}`], { signal });
}

/** The recorded pool; `undefined` if none was set up. @throws StorageError ERR_STORAGE_RECORD */
export const readSetup = ({ root }: Layout): Promise<DirectLvmOptions | undefined> =>
  readRecord(root, SETUP_FILE, setupKind);

/**
 * Whether the pool exists already, from a process that died before it wrote the record.
 * @throws StorageError when the disk is in use
 */
async function isMade(device: string, signal: AbortSignal | undefined): Promise<boolean> {
  await demandDisk(device);
  const listed = await runProgram('pvs', ['--noheadings', '--options', 'pv_name,vg_name'], {
    signal,
  });
  const group = listed
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([name]) => name === device)?.[1];
  if (group === undefined) return false;
  if (group !== GROUP) throw refuse(device, `it belongs to the volume group ${group}`);
  const volumes = await runProgram('lvs', ['--noheadings', '--options', 'lv_name,segtype', GROUP], {
    signal,
  });
  const names = volumes
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).join(' '));
  if (names.length === 1 && names[0] === `${POOL} thin-pool`) return true;
  throw refuse(
    device,
    `it belongs to the volume group ${GROUP}, expected only ${POOL} in that, got ${names.join(', ') || 'nothing'}`,
    `If that is not needed, run "vgremove ${GROUP}" and "pvremove ${device}" and try again`,
  );
}

/** @throws StorageError ERR_STORAGE_POOL for anything but a block device */
async function demandDisk(device: string): Promise<void> {
  let got: string;
  try {
    const found = await stat(device);
    if (found.isBlockDevice()) return;
    got = kindOf(found);
  } catch (error) {
    got = messageOf(error);
  }
  throw refuse(
    device,
    `invalid disk: expected a block device, got ${got}`,
    'Correct dm.directlvm_device',
  );
}

async function makePool(options: DirectLvmOptions, signal: AbortSignal | undefined): Promise<void> {
  const { device, force } = options;
  const found = signatureOf(await readHead(device));
  if (found !== undefined && !force) {
    throw refuse(
      device,
      `it holds ${found}`,
      'To overwrite it, set dm.directlvm_device_force=true',
    );
  }
  const data = options.thinpPercent || DEFAULTS.data;
  const metadata = options.thinpMetaPercent || DEFAULTS.metadata;
  const run = (program: string, ...args: readonly string[]): Promise<string> =>
    runProgram(program, args, { signal });
  await run('pvcreate', '--force', '--yes', device);
  await run('vgcreate', GROUP, device);
  const create = ['--wipesignatures', 'y', '--yes'];
  await run('lvcreate', ...create, '--name', POOL, '--extents', `${data}%VG`, GROUP);
  await run('lvcreate', ...create, '--name', METADATA, '--extents', `${metadata}%VG`, GROUP);
  const parts = ['--thinpool', `${GROUP}/${POOL}`, '--poolmetadata', `${GROUP}/${METADATA}`];
  await run('lvconvert', '--yes', '--zero', 'n', '--chunksize', '512K', ...parts);
}

/** Sets the thresholds at which LVM extends the pool. */
async function setProfile(
  options: DirectLvmOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  await using directory = await DurableDirectory.open(PROFILE_DIRECTORY);
  await directory.write(`${PROFILE}.profile`, profileText(options));
  await runProgram('lvchange', ['--metadataprofile', PROFILE, `${GROUP}/${POOL}`], { signal });
}

const profileText = ({
  autoExtendThreshold,
  autoExtendPercent,
}: DirectLvmOptions): string => `activation {
  thin_pool_autoextend_threshold=${autoExtendThreshold || DEFAULTS.threshold}
  thin_pool_autoextend_percent=${autoExtendPercent || DEFAULTS.step}
}
`;
