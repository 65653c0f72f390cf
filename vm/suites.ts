/** Debian releases with supported kernels: Linux 6.1, 6.12 and 7.x. */
export const suites = ['bookworm', 'trixie', 'sid'] as const;

/** One of {@link suites}. */
export type Suite = (typeof suites)[number];
