// DM_MPATH_PROBE_PATHS: the only device-mapper command that goes to the mapped device itself.

import { open } from 'node:fs/promises';
import { checkFields, isPath } from '../../ioctl/input/checks.ts';
import { errnoNumber } from '../../ioctl/libc/errno.ts';
import type * as Threads from '../../ioctl/thread/threads.ts';
import { DM_MPATH_PROBE_PATHS } from '../wire/commands.ts';
import { DmError } from '../wire/errors.ts';
import { CALL } from './option-checks.ts';
import type { CallOptions } from './options.ts';

/** Loads the threads with the first call: most programs that import the package use none. */
const callInThread: typeof Threads.callInThread = async (...call) =>
  (await import('../../ioctl/thread/threads.ts')).callInThread(...call);

/**
 * Reads from each active path of a multipath device, to detect failed paths at once.
 * `path` is the node of the device. Linux 6.16 or newer.
 * @throws DmError ENOTCONN if no path works, ENOTTY if the device or kernel lacks the command
 */
export async function probePaths(path: string, options: CallOptions = {}): Promise<void> {
  isPath(path, 'path');
  checkFields(options, CALL);
  const { signal } = options;
  await using device = await open(path, 'r');
  const { errno } = await callInThread('ioctl', [device.fd, DM_MPATH_PROBE_PATHS, null], signal);
  if (errno === 0) return;
  signal?.throwIfAborted();
  throw new DmError({ errno: notEinval(errno), command: 'DM_MPATH_PROBE_PATHS', device: path });
}

/**
 * Targets and kernels without the command pass it to the device below, and some drivers, such as loop, return EINVAL
 * for an unknown command. EINVAL has no other cause: the command has no argument.
 */
const notEinval = (errno: number): number =>
  errno === errnoNumber('EINVAL') ? errnoNumber('ENOTTY') : errno;
