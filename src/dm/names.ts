// Names and uuids: what the kernel takes, and libdevmapper's mangling of what udev would trip over.
// Every byte outside a safe set is written \xHH. Source: libdm's mangle_string and check_multiple_mangled.

import { isOneOf, isText } from '../ioctl/checks.ts';
import { DM_NAME_LEN, DM_UUID_LEN } from './abi.ts';
import { InputError } from './errors.ts';
import { fromKernel, toKernel } from './text.ts';

/**
 * How names become kernel names: `'auto'` mangles what is not mangled already, `'hex'` mangles always,
 * `'none'` never.
 */
export type Mangling = 'auto' | 'hex' | 'none';

const isMangling = isOneOf('auto', 'hex', 'none');

/** Bytes that udev would trip over. */
const UNSAFE = /[^0-9A-Za-z#+\-.:=@_]/g;
/** A byte that is mangled. */
const MANGLED = /\\x[0-9a-fA-F]{2}/g;
const MANGLED_TWICE = /\\x5[cC]x/;

const refuse = (field: string, expected: string, received: string): never => {
  throw new InputError({ field, expected, received });
};

const mangled = (byte: string): string => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** The kernel's form of a name or uuid, one character per byte. @throws InputError in `'auto'` for a mixture */
export function mangle(text: string, mode: Mangling, field = 'name'): string {
  isMangling(mode, 'mangling');
  const bytes = toKernel(text);
  if (mode === 'none') return bytes;
  if (mode === 'hex') return bytes.replace(UNSAFE, mangled);
  const result = mangleOnce(bytes, field);
  refuseTwice(result, field, text);
  return result;
}

function refuseTwice(bytes: string, field: string, text: string): void {
  if (MANGLED_TWICE.test(bytes)) refuse(field, 'a name that is mangled at most once', text);
}

/** What is not mangled already, mangled. @throws InputError for a mixture */
function mangleOnce(bytes: string, field: string): string {
  const rest = bytes.replace(MANGLED, '');
  if (rest.search(UNSAFE) === -1) return bytes;
  if (rest !== bytes) {
    refuse(field, 'either mangled or unmangled characters, not both', fromKernel(bytes));
  }
  return bytes.replace(UNSAFE, mangled);
}

const unmangleBytes = (bytes: string): string =>
  bytes.replace(MANGLED, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(2), 16)));

/**
 * The form that a kernel name or uuid should have, as `dmsetup mangle` has it: plain in `'none'`, if that is UTF-8,
 * otherwise mangled, once.
 * @throws InputError for a mixture, and for what is mangled twice in `'auto'`
 */
export function rightForm(bytes: string, mode: Mangling, field = 'name'): string {
  if (mode === 'none') {
    const plain = unmangleBytes(bytes);
    return toKernel(fromKernel(plain)) === plain ? plain : bytes;
  }
  const result = mangleOnce(bytes, field);
  if (mode === 'auto') refuseTwice(result, field, fromKernel(bytes));
  return result;
}

/** The plain form of a kernel name: each `\xHH` becomes its byte. */
export function unmangle(kernelName: string): string {
  isText(kernelName, 'kernelName');
  return fromKernel(unmangleBytes(kernelName));
}

/**
 * A form of a kernel name as libdevmapper gives it: `'name'` is what this mangling shows.
 * @throws InputError where it gives none: what should be mangled is not or is half, or in `'auto'` is twice; and for control characters
 */
export function nameForm(
  name: string,
  form: 'name' | 'mangled' | 'unmangled',
  mode: Mangling,
): string {
  const text = fromKernel(name);
  if (mode !== 'none') {
    if (name.replace(MANGLED, '').search(UNSAFE) !== -1) refuse('name', 'a mangled name', text);
    if (mode === 'auto') refuseTwice(name, 'name', text);
  }
  const plain = form === 'unmangled' || (form === 'name' && mode !== 'none');
  const result = plain ? unmangle(name) : form === 'name' ? text : mangleOnce(name, 'name');
  checkText(result, 'name');
  return result;
}

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
