// `--mode`, `--uid` and `--gid` of `create`: the permissions, the owner and the group of the device's node.

import { chmodSync, chownSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { UsageError } from './exit-status.ts';
import { wholeNumber } from './numbers.ts';

/** The values of the options. */
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
  throw new UsageError(
    `invalid --mode: expected an octal number up to 7777, got ${JSON.stringify(text)}`,
  );
}

/** Adds the three options to a command. */
export const withNodeRights = (command: Command): Command =>
  command
    .addOption(
      new Option('-M, --mode <mode>', 'permissions of the node, in octal').argParser(parseMode),
    )
    .option('-U, --uid <number>', 'owner of the node', wholeNumber('--uid', ID_MAX))
    .option('-G, --gid <number>', 'group of the node', wholeNumber('--gid', ID_MAX));

/** Whether any of the three options is given. */
export const hasRights = ({ mode, uid, gid }: NodeRights): boolean =>
  (mode ?? uid ?? gid) !== undefined;

/** Sets the given permissions, owner and group of the node. @throws the error of `node:fs` */
export function setRights({ path }: DeviceInfo, { mode, uid, gid }: NodeRights): void {
  // chown(2) does not change an owner or a group of -1.
  if ((uid ?? gid) !== undefined) chownSync(path, uid ?? -1, gid ?? -1);
  if (mode !== undefined) chmodSync(path, mode);
}
