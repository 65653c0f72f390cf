// Names and uuids: what the kernel takes, and libdevmapper's mangling of what udev would trip over.
// Every byte outside a safe set is written \xHH. Source: libdm's mangle_string and check_multiple_mangled.

import { DM_NAME_LEN, DM_UUID_LEN } from './abi.ts';
import { InputError } from './errors.ts';
import { fromKernel, toKernel } from './text.ts';

/**
 * How names become kernel names: `'auto'` mangles what is not mangled already, `'hex'` mangles always,
 * `'none'` never.
 */
export type Mangling = 'auto' | 'hex' | 'none';

const SAFE = /[0-9A-Za-z#+\-.:=@_]/;
const MANGLED = /^\\x[0-9a-fA-F]{2}/;
const MANGLED_TWICE = /\\x5[cC]x/;

const refuse = (field: string, expected: string, received: string): never => {
  throw new InputError({ field, expected, received });
};

/** The kernel's form of a name or uuid, one character per byte. @throws InputError in `'auto'` for a mixture */
export function mangle(text: string, mode: Mangling, field = 'name'): string {
  const bytes = toKernel(text);
  if (mode === 'none') return bytes;
  let result = '';
  let found: 'mangled' | 'unmangled' | undefined;
  for (let i = 0; i < bytes.length; ) {
    const escaped = mode === 'auto' ? MANGLED.exec(bytes.slice(i, i + 4))?.[0] : undefined;
    const safe = escaped === undefined && SAFE.test(bytes[i]!);
    if (!safe) {
      const kind = escaped === undefined ? 'unmangled' : 'mangled';
      if (mode === 'auto' && found !== undefined && found !== kind) {
        refuse(field, 'either mangled or unmangled characters, not both', text);
      }
      found = kind;
    }
    const taken = escaped ?? bytes[i]!;
    result += safe || escaped ? taken : `\\x${taken.charCodeAt(0).toString(16).padStart(2, '0')}`;
    i += taken.length;
  }
  if (mode === 'auto' && MANGLED_TWICE.test(result)) {
    refuse(field, 'a name that is mangled at most once', text);
  }
  return result;
}

/** The plain form of a kernel name: each `\xHH` becomes its byte. */
export const unmangle = (kernelName: string): string =>
  fromKernel(
    kernelName.replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );

/** What to show for a kernel name: its plain form where that leads back to it, otherwise the name itself. */
export const displayName = (name: string, mode: Mangling): string =>
  display(name, mode, kernelName);

/** The same for a uuid. */
export const displayUuid = (uuid: string, mode: Mangling): string =>
  display(uuid, mode, kernelUuid);

function display(text: string, mode: Mangling, back: typeof kernelName): string {
  if (mode === 'none') return fromKernel(text);
  const plain = unmangle(text);
  try {
    if (back(plain, mode) === text) return plain;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return fromKernel(text);
}

/** The kernel's form of a device name. @throws InputError for what the kernel, or the one below /dev, must not see */
export function kernelName(name: string, mode: Mangling, field = 'name'): string {
  checkText(name, field);
  if (name.includes('/')) refuse(field, 'a name without "/"', name);
  // Linux 6.1 takes these three; as nodes below /dev/mapper they would be something else.
  if (name === '.' || name === '..' || name === 'control') {
    refuse(field, 'a name other than ".", ".." and "control"', name);
  }
  return checkLength(mangle(name, mode, field), DM_NAME_LEN - 1, name, field);
}

/** The kernel's form of a uuid. @throws InputError */
export function kernelUuid(uuid: string, mode: Mangling, field = 'uuid'): string {
  checkText(uuid, field);
  return checkLength(mangle(uuid, mode, field), DM_UUID_LEN - 1, uuid, field);
}

function checkText(text: string, field: string): void {
  if (typeof text !== 'string' || text === '') refuse(field, 'a string that is not empty', text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
  if (/[\x00-\x1f\x7f]/.test(text)) refuse(field, 'a string without control characters', text);
  if (/\p{Surrogate}/u.test(text)) refuse(field, 'well-formed Unicode', text);
}

function checkLength(bytes: string, max: number, text: string, field: string): string {
  if (bytes.length > max) {
    const mangled = bytes.length === toKernel(text).length ? '' : ' once mangled';
    refuse(field, `at most ${max} bytes${mangled} (this has ${bytes.length})`, text);
  }
  return bytes;
}
