// Exit statuses, and the report of a failure.

import { DmError, InputError } from '../../dm/wire/errors.ts';
import { DmtsError } from '../../ioctl/input/dmts-error.ts';
import type { Io } from './io.ts';

/** The exit statuses of dmts. */
export const ExitStatus = {
  ok: 0,
  failed: 1,
  usage: 2,
  noDevice: 3,
  busy: 4,
  notPermitted: 5,
  noDeviceMapper: 6,
  interrupted: 130,
  terminated: 143,
} as const;

/** An invalid command line. */
export class UsageError extends Error {}

/** A failure with a known exit status. Empty message: already reported. */
export class CommandError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The reason of an aborted `Io.signal`. */
export class Interrupted extends Error {
  readonly status: number;

  constructor(status: number) {
    super('interrupted');
    this.status = status;
  }
}

/** `Io.signal` was aborted before any change. The message names what is unchanged. */
export class NotBegun extends Error {}

const BY_CODE: Readonly<Record<string, number>> = {
  ENXIO: ExitStatus.noDevice,
  EBUSY: ExitStatus.busy,
  EACCES: ExitStatus.notPermitted,
  EPERM: ExitStatus.notPermitted,
  ERR_POOL_NOT_ACTIVE: ExitStatus.noDevice,
  ERR_THIN_MISSING: ExitStatus.noDevice,
  ERR_POOL_BUSY: ExitStatus.busy,
  ERR_POOL_SUSPENDED: ExitStatus.busy,
  ERR_THIN_BUSY: ExitStatus.busy,
  ERR_THIN_ACTIVE: ExitStatus.busy,
  ERR_THIN_EXISTS: ExitStatus.busy,
  ERR_LAYER_MISSING: ExitStatus.noDevice,
  ERR_LAYER_BUSY: ExitStatus.busy,
  ERR_LAYER_EXISTS: ExitStatus.busy,
  ERR_LAYER_DELETED: ExitStatus.busy,
  ERR_VOLUME_MISSING: ExitStatus.noDevice,
  ERR_VOLUME_EXISTS: ExitStatus.busy,
  ERR_VOLUME_ACTIVE: ExitStatus.busy,
  ERR_VOLUME_SIZE: ExitStatus.usage,
  ERR_STORAGE_LOCKED: ExitStatus.busy,
  ERR_STORAGE_OPTION: ExitStatus.usage,
  ERR_LAYER_ID: ExitStatus.usage,
  ERR_LAYER_SIZE: ExitStatus.usage,
};

const NO_DEVICE_MAPPER: readonly string[] = ['ENOENT', 'ENODEV', 'ENXIO'];

const codeOf = (error: unknown): string =>
  String((error as NodeJS.ErrnoException | undefined)?.code ?? '');

/** The exit status for a thrown value. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof InputError) return ExitStatus.usage;
  if (error instanceof CommandError || error instanceof Interrupted) return error.status;
  const code = codeOf(error);
  if (error instanceof DmError) {
    if (error.syscall === 'open' && NO_DEVICE_MAPPER.includes(code)) {
      return ExitStatus.noDeviceMapper;
    }
    // Not a missing device: the kernel could not create one.
    if (error.command === 'DM_DEV_CREATE' && code === 'ENXIO') return ExitStatus.failed;
  }
  return BY_CODE[code] ?? ExitStatus.failed;
}

const isExpected = (error: unknown): boolean =>
  error instanceof UsageError ||
  error instanceof InputError ||
  error instanceof CommandError ||
  error instanceof DmtsError ||
  typeof (error as NodeJS.ErrnoException | undefined)?.syscall === 'string';

/** Prints the failure on stderr; with `$DEBUG` also its stack. */
export function complain(error: unknown, { stderr, env }: Io): void {
  const message = error instanceof Error ? error.message : String(error);
  if (message === '') return;
  const hint = isExpected(error) ? '' : ' (a bug in dmts; DEBUG=dmts:* shows the stack)';
  stderr.write(`dmts: ${message}${hint}\n`);
  if (env['DEBUG'] && error instanceof Error) stderr.write(`${error.stack}\n`);
}
