// Runs the programs of thin-provisioning-tools that read metadata, versions 0.9 and 1.x. Short options are used where
// the long ones differ. Only thin_check can write, with an explicit option.

import { checkThinId } from '../../dm/targets/provisioning/thin.ts';
import { opensDirectly } from '../../ioctl/file/read-blocks.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import {
  type Check,
  checkFields,
  type FieldChecks,
  isFlag,
  isListOf,
  isPath,
  isSignal,
} from '../../ioctl/input/checks.ts';
import { refuseUnusable } from '../backing/backing.ts';
import type { DeltaItem } from '../metadata/delta.ts';
import { refuseMissing } from '../metadata/device-details.ts';
import { parseThinDelta } from './thin-delta.ts';
import { type DumpItem, parseThinDump } from './thin-dump.ts';
import { type ListedThin, LS_FIELDS, parseThinLs } from './thin-ls.ts';
import { ToolError } from './tool-error.ts';
import { type ToolOptions, toolLines } from './tool-run.ts';

export type { ToolOptions } from './tool-run.ts';

/** How to read metadata. */
export interface MetadataToolOptions extends ToolOptions {
  /**
   * Read the pool's reserved metadata snapshot. It is required for a pool in use, whose metadata may change meanwhile.
   * @default false
   */
  readonly metadataSnap?: boolean;
}

/** The content of a dump. */
export interface ThinDumpOptions extends MetadataToolOptions {
  /** The ids of the devices to dump. @default all */
  readonly devices?: readonly number[];
  /** Include the mappings. @default true */
  readonly mappings?: boolean;
}

const TOOL: FieldChecks<MetadataToolOptions> = {
  toolsDir: isPath,
  metadataSnap: isFlag,
  signal: isSignal,
};
const isThinId: Check = (value, field) => {
  checkThinId(value as number, field);
};
const DUMP: FieldChecks<ThinDumpOptions> = {
  ...TOOL,
  devices: isListOf(isThinId),
  mappings: isFlag,
};
const CHECK: FieldChecks<ThinCheckOptions> = {
  ...TOOL,
  skipMappings: isFlag,
  clearNeedsCheck: isFlag,
};

const snapArgs = ({ metadataSnap = false }: MetadataToolOptions): readonly string[] =>
  metadataSnap ? ['-m'] : [];

/**
 * The lines of a program that reads the metadata at `path`. Every such program opens it for direct I/O.
 * @throws ToolError
 */
async function* metadataLines(
  program: string,
  path: string,
  args: readonly string[],
  options: MetadataToolOptions,
): AsyncGenerator<readonly string[], void> {
  try {
    yield* toolLines(program, [...args, '--', path], options);
  } catch (error) {
    if (!(error instanceof ToolError) || error.exitCode === undefined) throw error;
    // A failure of the probe does not replace the error.
    if ((await attempt(() => opensDirectly(path))) !== false) throw error;
    const { exitCode, stderr, what } = error;
    throw new ToolError({
      program,
      code: 'ERR_DMTS_TOOL_OPEN',
      what: `cannot open ${path}, whose filesystem does not support direct I/O: it ${what}`,
      hint: 'Copy the file to another filesystem',
      exitCode,
      stderr,
    });
  }
}

/**
 * Yields the pool, then each device and its mappings, while thin_dump runs. `path` is the metadata device
 * or a file of metadata.
 * @throws PoolError ERR_THIN_MISSING, before the program runs, for one of `devices` that the metadata lacks; ToolError,
 * after which the dump is incomplete; as {@link thinCheck} for a path that cannot be read or is in use
 */
export async function* thinDump(
  path: string,
  options: ThinDumpOptions = {},
): AsyncGenerator<DumpItem, void> {
  isPath(path, 'path');
  checkFields(options, DUMP);
  const { devices = [], mappings = true } = options;
  await refuseUnusable(path, options);
  await refuseMissing({ name: path, device: path }, devices, options);
  const args = [
    ...snapArgs(options),
    ...devices.flatMap((id) => ['--dev-id', `${id}`]),
    ...(mappings ? [] : ['--skip-mappings']),
  ];
  yield* parseThinDump(metadataLines('thin_dump', path, ['--format', 'xml', ...args], options));
}

/**
 * Yields each thin device with its block counts, by thin_ls. It reads all mappings.
 * @throws ToolError; as {@link thinCheck} for a path that cannot be read or is in use
 */
export async function* thinLs(
  path: string,
  options: MetadataToolOptions = {},
): AsyncGenerator<ListedThin, void> {
  isPath(path, 'path');
  checkFields(options, TOOL);
  await refuseUnusable(path, options);
  const args = ['--no-headers', '--format', LS_FIELDS.join(','), ...snapArgs(options)];
  for await (const lines of metadataLines('thin_ls', path, args, options)) {
    for (const line of lines) yield parseThinLs(line);
  }
}

/**
 * Yields the differences between the mappings of the thin devices `left` and `right`, while thin_delta runs.
 * @throws PoolError ERR_THIN_MISSING when a device does not exist, before the program runs; ToolError; as
 * {@link thinCheck} for a path that cannot be read or is in use
 */
export async function* thinDelta(
  path: string,
  left: number,
  right: number,
  options: MetadataToolOptions = {},
): AsyncGenerator<DeltaItem, void> {
  isPath(path, 'path');
  checkThinId(left, 'left');
  checkThinId(right, 'right');
  checkFields(options, TOOL);
  await refuseUnusable(path, options);
  await refuseMissing({ name: path, device: path }, [left, right], options);
  const args = [...snapArgs(options), '--thin1', `${left}`, '--thin2', `${right}`];
  yield* parseThinDelta(metadataLines('thin_delta', path, args, options));
}

/** The extent of a check. */
export interface ThinCheckOptions extends MetadataToolOptions {
  /** Skip the mappings, which take most of the time. @default false */
  readonly skipMappings?: boolean;
  /** **Write**: clear `needs_check` if the metadata is valid. @default false */
  readonly clearNeedsCheck?: boolean;
}

/** The result of thin_check. */
export interface ThinCheckResult {
  /** Whether the metadata is valid, which is exit status 0. */
  readonly ok: boolean;
  readonly exitCode: number;
  /** The output of the program, with the faults of invalid metadata. */
  readonly text: string;
}

/**
 * Checks metadata with thin_check.
 * @throws ToolError when the program is missing or killed, or fails on a filesystem without direct I/O, not for invalid
 * metadata; InputError for a path that is neither a block device nor a file; PoolError ERR_POOL_BUSY for a device in
 * use, or a file with a loop device in use, unless `metadataSnap`; Node's own error or SyscallError for a file that cannot be read
 */
export async function thinCheck(
  path: string,
  options: ThinCheckOptions = {},
): Promise<ThinCheckResult> {
  isPath(path, 'path');
  checkFields(options, CHECK);
  const { skipMappings = false, clearNeedsCheck = false } = options;
  const args = [
    ...snapArgs(options),
    ...(skipMappings ? ['--skip-mappings'] : []),
    ...(clearNeedsCheck ? ['--clear-needs-check-flag'] : []),
  ];
  await refuseUnusable(path, options);
  const said: string[] = [];
  try {
    for await (const lines of metadataLines('thin_check', path, args, options)) {
      for (const line of lines) said.push(line);
    }
    return { ok: true, exitCode: 0, text: said.join('\n') };
  } catch (error) {
    const isResult = error instanceof ToolError && error.code === 'ERR_DMTS_TOOL';
    if (!isResult || error.exitCode === undefined) throw error;
    const text = [...said, error.stderr?.trimEnd() ?? ''].join('\n');
    return { ok: false, exitCode: error.exitCode, text };
  }
}
