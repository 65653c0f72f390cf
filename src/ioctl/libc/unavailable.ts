// The errors of a process that cannot make system calls at all.

import { DmtsError } from '../input/dmts-error.ts';

/**
 * A system call is not available: the operating system, the processor, the C library, the JavaScript runtime or the
 * permissions of this process do not support it. The message names the reason and the remedy.
 */
export class UnavailableError extends DmtsError {
  readonly code = 'ERR_DMTS_UNAVAILABLE';
}
Object.defineProperty(UnavailableError.prototype, 'name', { value: 'UnavailableError' });

const PERMISSIONS =
  "Under Node's permission model, dmts needs --allow-addons, --allow-worker, --allow-fs-read for all files that it loads or reads, and --allow-fs-write=* for device nodes and their links";

const KOFFI_MISSING =
  'Install koffi where the program can load it, or in node_modules beside the bundle: npm install koffi';
const KOFFI_BROKEN =
  "koffi's binary is an optional dependency. Install koffi again without --omit=optional";

/** Whether `node --permission` restricts this process. */
const isRestricted = (): boolean =>
  (process as { readonly permission?: object }).permission !== undefined;

/** The first line of an error's message, without its full stop. A stack of requires may follow it. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.replace(/[.?]$/, '');

/** The error for a failed load of koffi. */
export function koffiUnavailable(cause: unknown): UnavailableError {
  const missing = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
  const remedy = isRestricted() ? PERMISSIONS : missing ? KOFFI_MISSING : KOFFI_BROKEN;
  return new UnavailableError(`cannot load koffi: ${reasonOf(cause)}. ${remedy}`, { cause });
}

/** Converts ERR_ACCESS_DENIED of Node's permission model to an error that names the flags. Other errors stay unchanged. */
export function permissionError(action: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_ACCESS_DENIED') return error;
  return new UnavailableError(`cannot ${action}: ${reasonOf(error)}. ${PERMISSIONS}`, {
    cause: error,
  });
}
