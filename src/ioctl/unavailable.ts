// The errors of a process that cannot make system calls, whatever the kernel would say.

/**
 * No system call can be made: the operating system, the processor, the C library, the JavaScript runtime or the
 * permissions of this process lack what the call needs. The message says which, and what to do.
 */
export class UnavailableError extends Error {
  readonly code = 'ERR_DMTS_UNAVAILABLE';
}
Object.defineProperty(UnavailableError.prototype, 'name', { value: 'UnavailableError' });

const PERMISSIONS =
  "Under Node's permission model, dmts needs --allow-addons, --allow-worker, --allow-fs-read for all that it loads and reads, and --allow-fs-write for the device nodes";

const KOFFI_MISSING =
  'Install koffi where the program finds it, or in node_modules beside a bundle: npm install koffi';
const KOFFI_BROKEN =
  'koffi takes its binary from an optional dependency: install it without --omit=optional';

/** Whether `node --permission` restricts this process. */
const isRestricted = (): boolean =>
  (process as { readonly permission?: object }).permission !== undefined;

/** The first sentence of an error's message, without its full stop: what follows may be a stack of requires. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.replace(/[.?]$/, '');

/** koffi cannot be loaded. */
export function koffiUnavailable(cause: unknown): UnavailableError {
  const missing = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
  const remedy = isRestricted() ? PERMISSIONS : missing ? KOFFI_MISSING : KOFFI_BROKEN;
  return new UnavailableError(`cannot load koffi: ${reasonOf(cause)}. ${remedy}`, { cause });
}

/** What Node refuses to a process without the permission, as an error that names the flags; any other error as it is. */
export function permissionError(action: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_ACCESS_DENIED') return error;
  return new UnavailableError(`cannot ${action}: ${reasonOf(error)}. ${PERMISSIONS}`, {
    cause: error,
  });
}
