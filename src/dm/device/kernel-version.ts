// The version of the kernel's device mapper, with few modules: a check for a device mapper should be fast.

import { checkFields } from '../../ioctl/input/checks.ts';
import type { Version } from '../wire/abi.ts';
import { Dm } from '../wire/commands.ts';
import { Control } from '../wire/control.ts';
import { openControlNode } from '../wire/control-node.ts';
import { OPEN } from './option-checks.ts';
import type { OpenOptions } from './options.ts';

/**
 * Reads the interface version of the kernel: `[4, 48, 0]`. It opens the control node and sends one ioctl.
 * @throws DmError with `syscall: 'open'` if the device mapper or the permission is missing
 */
export async function kernelVersion(
  options: Pick<OpenOptions, 'devDir' | 'transport'> = {},
): Promise<Version> {
  checkFields(options, OPEN);
  const { devDir = '/dev', transport } = options;
  const control = new Control(transport ?? openControlNode({ devDir, threads: false }));
  try {
    return (await control.send(Dm.VERSION)).header.version;
  } finally {
    control.close();
  }
}
