// References to devices, by exactly one of name, uuid and device number.

import { formatDev } from './device-number.ts';
import { InputError } from './errors.ts';
import { kernelName, kernelUuid, type Mangling } from './names.ts';

/** A device by its name (a plain string), its uuid, or its device number. */
export type DeviceRef =
  | string
  | { readonly name: string }
  | { readonly uuid: string }
  | { readonly dev: bigint };

/** The selector fields of a request in the kernel's form, and the device's name for messages. */
export interface Selector {
  readonly name?: string;
  readonly uuid?: string;
  readonly dev?: bigint;
  readonly label: string;
}

/** The device as the caller named it. Requires a checked reference. */
export const refLabel = (ref: DeviceRef): string =>
  typeof ref === 'string'
    ? ref
    : 'dev' in ref
      ? formatDev(ref.dev)
      : 'name' in ref
        ? ref.name
        : ref.uuid;

/** Checks a reference and converts it to the kernel's form. @throws InputError */
export function selectorOf(ref: DeviceRef, mangling: Mangling): Selector {
  if (typeof ref === 'string') return { name: kernelName(ref, mangling), label: ref };
  const keys = typeof ref === 'object' && ref !== null ? Object.keys(ref) : [];
  if (keys.length !== 1) {
    throw new InputError({
      field: 'device',
      expected: 'a name, or an object with exactly one of name, uuid and dev',
      received: ref,
    });
  }
  if ('name' in ref) return { name: kernelName(ref.name, mangling), label: ref.name };
  if ('uuid' in ref) return { uuid: kernelUuid(ref.uuid, mangling), label: ref.uuid };
  if (!('dev' in ref) || typeof ref.dev !== 'bigint' || ref.dev <= 0n || ref.dev > 0xffffffffn) {
    throw new InputError({
      field: 'device.dev',
      expected: 'a device number as a bigint, not 0',
      received: 'dev' in ref ? ref.dev : ref,
    });
  }
  return { dev: ref.dev, label: formatDev(ref.dev) };
}
