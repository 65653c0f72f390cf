// How a run ends: its exit status, and what is said of a failure.

import { DmError, InputError } from '../dm/errors.ts';
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

/** A command line that cannot be carried out, whatever the kernel says. */
export class UsageError extends Error {}

/** A failure whose status is known where it is noticed. An empty message: it has been said. */
export class CommandError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Why `Io.signal` was aborted. */
export class Interrupted extends Error {
  readonly status: number;

  constructor(status: number) {
    super('interrupted');
    this.status = status;
  }
}

/** What `Io.signal` ended before anything was changed; the message says what is as it was. */
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
  ERR_STORAGE_LOCKED: ExitStatus.busy,
  ERR_STORAGE_OPTION: ExitStatus.usage,
  ERR_LAYER_ID: ExitStatus.usage,
  ERR_LAYER_SIZE: ExitStatus.usage,
};

const NO_DEVICE_MAPPER: readonly string[] = ['ENOENT', 'ENODEV', 'ENXIO'];

const codeOf = (error: unknown): string =>
  String((error as NodeJS.ErrnoException | undefined)?.code ?? '');

/** The exit status for what was thrown. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof InputError) return ExitStatus.usage;
  if (error instanceof CommandError || error instanceof Interrupted) return error.status;
  const code = codeOf(error);
  if (error instanceof DmError) {
    if (error.syscall === 'open' && NO_DEVICE_MAPPER.includes(code)) {
      return ExitStatus.noDeviceMapper;
    }
    // Not that there is no device: the kernel could not make one.
    if (error.command === 'DM_DEV_CREATE' && code === 'ENXIO') return ExitStatus.failed;
  }
  return BY_CODE[code] ?? ExitStatus.failed;
}

/** What the layers below cannot do, and say in a sentence. By name: not every command loads their files. */
const EXPECTED: readonly string[] = [
  'DiffError',
  'PoolError',
  'ReplyError',
  'StorageError',
  'ToolError',
  'UnavailableError',
];

const isExpected = (error: unknown): boolean =>
  error instanceof UsageError ||
  error instanceof InputError ||
  error instanceof CommandError ||
  error instanceof DmError ||
  (error instanceof Error && EXPECTED.includes(error.name)) ||
  typeof (error as NodeJS.ErrnoException | undefined)?.syscall === 'string';

/** Say on stderr what went wrong; the stack only for those who debug. */
export function complain(error: unknown, { stderr, env }: Io): void {
  const message = error instanceof Error ? error.message : String(error);
  if (message === '') return;
  const hint = isExpected(error) ? '' : ' (an error in dmts itself; DEBUG=dmts:* shows where)';
  stderr.write(`dmts: ${message}${hint}\n`);
  if (env['DEBUG'] && error instanceof Error) stderr.write(`${error.stack}\n`);
}
