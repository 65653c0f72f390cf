// The error of the model kernel for a failed request. `dispatch` converts it to an errno.

/** A failed request, the equivalent of the kernel's `return -EINVAL`. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, reason: string) {
    super(`${code}: ${reason}`);
    this.code = code;
  }
}

/** Fails a request unless `holds`. */
export function demand(
  holds: boolean,
  reason: string,
  code: string = 'EINVAL',
): asserts holds is true {
  if (!holds) throw new Refused(code, reason);
}
