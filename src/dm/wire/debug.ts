// Formats requests and replies for DEBUG=dmts:*.

import { errnoCode } from '../../ioctl/libc/errno.ts';
import { requireHere } from '../../ioctl/libc/here.ts';
import type { DmHeader } from './abi.ts';
import { formatDev } from './device-number.ts';
import { flagWords } from './flags.ts';
import { fromKernel } from './text.ts';

/** Writes one line, with the format directives of `debug`. */
export type Log = (format: string, ...values: unknown[]) => void;

/** Loads `debug` if it is installed: a bundle does not contain it. */
function loadDebug(): typeof import('debug') | undefined {
  try {
    return requireHere('debug') as typeof import('debug');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

/**
 * The log of a namespace; `undefined` if it is disabled. Loads the `debug` package only if DEBUG is set: it costs a
 * short-lived command a quarter of its startup time.
 */
export function logger(namespace: string): Log | undefined {
  if (!process.env['DEBUG']) return undefined;
  const log = loadDebug()?.(namespace);
  return log?.enabled ? log : undefined;
}

const log: Log | undefined = logger('dmts:ioctl');

/** Formats a header without its empty fields. */
export function describeHeader(header: DmHeader): string {
  return [
    header.name === '' ? '' : `name=${fromKernel(header.name)}`,
    header.uuid === '' ? '' : `uuid=${fromKernel(header.uuid)}`,
    header.dev === 0n ? '' : `dev=${formatDev(header.dev)}`,
    header.flags === 0 ? '' : `flags=${flagWords(header.flags).join('|')}`,
    header.eventNr === 0 ? '' : `event_nr=${header.eventNr}`,
    header.targetCount === 0 ? '' : `targets=${header.targetCount}`,
    header.openCount === 0 ? '' : `open=${header.openCount}`,
    `size=${header.dataSize}`,
  ]
    .filter((word) => word !== '')
    .join(' ');
}

/** Logs a request before it is sent. Calls `detail` only if the log is enabled. */
export function debugRequest(
  command: string,
  header: DmHeader,
  detail: (() => string) | undefined,
): void {
  log?.('%s %s%s', command, describeHeader(header), detail ? ` ${detail()}` : '');
}

/** Logs the outcome of a request. */
export function debugReply(command: string, errno: number, header: DmHeader | undefined): void {
  if (errno !== 0) log?.('%s -> %s', command, errnoCode(errno));
  else log?.('%s -> ok%s', command, header ? ` ${describeHeader(header)}` : '');
}
