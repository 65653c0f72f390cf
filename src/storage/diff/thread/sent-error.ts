// Errors that pass from one thread to another. The copy that Node makes of an error has neither its class nor its fields.

import { SyscallError } from '../../../ioctl/libc/syscall-error.ts';
import { UnavailableError } from '../../../ioctl/libc/unavailable.ts';
import { DiffError } from '../tree/errors.ts';

type ClassName =
  | 'DiffError'
  | 'SyscallError'
  | 'UnavailableError'
  | 'RangeError'
  | 'TypeError'
  | 'Error';

/** The classes that errors keep, those of this library first. */
const CLASSES: Readonly<Record<ClassName, new (...args: never) => Error>> = {
  DiffError,
  SyscallError,
  UnavailableError,
  RangeError,
  TypeError,
  Error,
};

/** An error, as a message contains it. */
export interface SentError {
  readonly type: ClassName;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause: SentError | undefined;
}

/** Converts an error for a message to another thread. */
export function sendError(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const type = (Object.keys(CLASSES) as ClassName[]).find((name) => error instanceof CLASSES[name]);
  return {
    type: type ?? 'Error',
    message: error.message,
    stack: error.stack,
    fields: { ...error },
    cause: error.cause === undefined ? undefined : sendError(error.cause),
  };
}

/** The error that another thread sent. Its stack is that of the other thread. */
export function receiveError({ type, message, stack, fields, cause }: SentError): Error {
  const error = new Error(message, cause && { cause: receiveError(cause) });
  Object.setPrototypeOf(error, CLASSES[type].prototype);
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return Object.assign(error, fields);
}
