/** Exit statuses of this program's own failures, as opposed to those of the command in the guest. */
export const ownStatus = {
  /** The time limit was reached. */
  timeout: 124,
  /** The guest could not be prepared or booted, or stopped without reporting a status. */
  guest: 125,
  /** Ctrl-C. */
  interrupted: 130,
  /** The reader of the output has closed it. */
  brokenPipe: 141,
  /** SIGTERM or SIGHUP. */
  terminated: 143,
} as const;

/** A failure of the guest or of its preparation, not of the command in it. */
export class GuestError extends Error {
  override readonly name = 'GuestError';
  /** The exit status of the program: one of {@link ownStatus}. */
  readonly exitStatus: number;
  /** The last lines of the guest's console, if any. */
  readonly console: readonly string[];

  constructor(
    message: string,
    options: {
      readonly exitStatus?: number;
      readonly console?: readonly string[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.exitStatus = options.exitStatus ?? ownStatus.guest;
    this.console = options.console ?? [];
  }
}

/** The `code` of a system error such as `ENOENT`, or undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
