// `--mode`, `--uid` and `--gid` of `create`: the permissions of the node.

import { chmodSync, chownSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { UsageError } from '../support/exit-status.ts';
import { wholeNumber } from '../support/numbers.ts';

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
  throw new UsageError(`invalid --mode: expected an octal number, got ${JSON.stringify(text)}`);
}

/** Adds the options to a command. */
export const withNodeRights = (command: Command): Command =>
  command
    .addOption(new Option('-M, --mode <mode>', 'octal mode of the node').argParser(parseMode))
    .option('-U, --uid <number>', 'owner of the node', wholeNumber('--uid', ID_MAX))
    .option('-G, --gid <number>', 'group of the node', wholeNumber('--gid', ID_MAX));

/** Whether any of them is given. */
export const hasRights = ({ mode, uid, gid }: NodeRights): boolean =>
  (mode ?? uid ?? gid) !== undefined;

/** Applies the given options to the node. @throws Node's own error */
export function setRights({ path }: DeviceInfo, { mode, uid, gid }: NodeRights): void {
  // -1 leaves the owner or group unchanged.
  if ((uid ?? gid) !== undefined) chownSync(path, uid ?? -1, gid ?? -1);
  if (mode !== undefined) chmodSync(path, mode);
}
