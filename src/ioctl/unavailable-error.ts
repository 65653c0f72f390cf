/**
 * No system call can be made: the operating system, the processor, the C library, the JavaScript runtime or the
 * permissions of this process lack what the call needs. The message says which, and what to do.
 */
export class UnavailableError extends Error {
  readonly code = 'ERR_DMTS_UNAVAILABLE';
}
Object.defineProperty(UnavailableError.prototype, 'name', { value: 'UnavailableError' });
