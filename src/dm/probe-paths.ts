// DM_MPATH_PROBE_PATHS: the one device-mapper command that goes to the mapped device itself.

import { open } from 'node:fs/promises';
import { checkFields, isPath } from '../ioctl/checks.ts';
import { errnoNumber } from '../ioctl/errno.ts';
import { callInThread } from '../ioctl/threads.ts';
import { DM_MPATH_PROBE_PATHS } from './commands.ts';
import { DmError } from './errors.ts';
import { CALL } from './option-checks.ts';
import type { CallOptions } from './options.ts';

/**
 * Read from each active path of a multipath device, so that paths that have died are known at once.
 * `path` is the device's node. Linux 6.16 or newer.
 * @throws DmError ENOTCONN when no path is left, ENOTTY where device or kernel has no such command
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
 * Targets and kernels that do not know the command pass it on to the device below, and some drivers, such as
 * loop's, say EINVAL of a command they do not know. It has no argument that could be invalid.
 */
const notEinval = (errno: number): number =>
  errno === errnoNumber('EINVAL') ? errnoNumber('ENOTTY') : errno;
