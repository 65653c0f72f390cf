// A refusal by the model kernel: thrown by its rules, turned into an errno at the door.

/** What the kernel's `return -EINVAL` is here. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, reason: string) {
    super(`${code}: ${reason}`);
    this.code = code;
  }
}

/** Refuse a request unless `holds`. */
export function demand(
  holds: boolean,
  reason: string,
  code: string = 'EINVAL',
): asserts holds is true {
  if (!holds) throw new Refused(code, reason);
}
