// `--mode`, `--uid` and `--gid` of `create`: who may use the device.

import { chmodSync, chownSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { DeviceInfo } from '../dm/device-info.ts';
import { UsageError } from './exit-status.ts';
import { wholeNumber } from './number.ts';

/** The options. */
export interface NodeRights {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

const ID_MAX = 0xffff_fffe;
const MODE_MAX = 0o7777;

function parseMode(text: string): number {
  const mode = /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
  if (mode <= MODE_MAX) return mode;
  throw new UsageError(`invalid --mode: expected an octal number, got ${JSON.stringify(text)}`);
}

/** Add them. */
export const withNodeRights = (command: Command): Command =>
  command
    .addOption(new Option('-M, --mode <mode>', 'octal mode of its node').argParser(parseMode))
    .option('-U, --uid <number>', 'owner of its node', wholeNumber('--uid', ID_MAX))
    .option('-G, --gid <number>', 'group of its node', wholeNumber('--gid', ID_MAX));

/** Whether any of them is given. */
export const hasRights = ({ mode, uid, gid }: NodeRights): boolean =>
  (mode ?? uid ?? gid) !== undefined;

/** Set what is given. @throws Node's own error */
export function setRights({ path }: DeviceInfo, { mode, uid, gid }: NodeRights): void {
  // -1 leaves it as it is.
  if ((uid ?? gid) !== undefined) chownSync(path, uid ?? -1, gid ?? -1);
  if (mode !== undefined) chmodSync(path, mode);
}
