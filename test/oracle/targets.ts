// A target of every type, with any parameters it can have.

import fc from 'fast-check';
import { SecretText } from '../../src/dm/text/secret-text.ts';
import type { TargetInput } from '../../src/index.ts';
import { EVERY_TARGET } from '../support/arbitraries/every-target.ts';

/** Sectors of one target: fifty of them still end before the kernel's last one. */
export const anyLength: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 1n, max: 2n ** 48n }),
  fc.constantFrom(1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 48n),
);

/** dmsetup takes a `#` behind the type for the beginning of a comment, wherever it stands. */
export const withoutComment = ({ params = '', ...target }: TargetInput): TargetInput => ({
  ...target,
  params:
    typeof params === 'string'
      ? params.replaceAll('#', '_')
      : new SecretText(params.marked.replaceAll('#', '_'), params.keys),
});

/** Targets by the kernel's names. */
export const TARGETS: Readonly<Record<string, fc.Arbitrary<TargetInput>>> = Object.fromEntries(
  EVERY_TARGET.map(({ kind, params }) => [
    kind.type,
    fc
      .tuple(anyLength, params)
      .map(([length, record]) => withoutComment(kind({ length, ...record }))),
  ]),
);
