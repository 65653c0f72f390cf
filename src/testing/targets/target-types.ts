// The target types of a model kernel.

import type { Version } from '../../dm/wire/abi.ts';
import type { TargetType } from '../state/device.ts';
import type { Devices } from '../state/devices.ts';
import { scanSaturated, scanWrapped } from '../state/kernel-words.ts';
import { errorType, linearType, opaqueType, stripedType, zeroType } from './plain-targets.ts';
import { thinPoolType, thinType } from './thin-targets.ts';

/** An opaque target type, for `ModelKernelOptions.targets`. */
export interface OtherTarget {
  readonly name: string;
  readonly version: Version;
}

/** The types in the order of DM_LIST_VERSIONS, the newest first. */
export function targetTypes(
  kernel: () => Devices,
  [, minor]: Version,
  others: readonly OtherTarget[],
): readonly TargetType[] {
  const recent = minor >= 50;
  const scan = recent ? scanSaturated : scanWrapped;
  const thin: Version = [1, recent ? 24 : minor >= 48 ? 23 : 22, 0];
  return [
    ...others.map(({ name, version }) => opaqueType(name, version)),
    thinType(kernel, thin),
    thinPoolType(kernel, thin),
    zeroType([1, 2, 0]),
    stripedType([1, recent ? 7 : 6, 0], scan),
    linearType([1, recent ? 5 : 4, 0], scan),
    errorType([1, minor >= 48 ? 7 : 5, 0]),
  ];
}
