// Names and uuids: the kernel's limits, and libdevmapper's mangling of characters that udev cannot handle.
// Mangling writes every byte outside a safe set as \xHH. Source: libdm's mangle_string and check_multiple_mangled.

import { isOneOf, isText } from '../../ioctl/input/checks.ts';
import { DM_NAME_LEN, DM_UUID_LEN } from './abi.ts';
import { InputError } from './errors.ts';
import { fromKernel, toKernel } from './text.ts';

/**
 * How names become kernel names: `'auto'` mangles names that are not yet mangled, `'hex'` mangles always, `'none'`
 * never.
 */
export type Mangling = 'auto' | 'hex' | 'none';

const isMangling = isOneOf('auto', 'hex', 'none');
const isForm = isOneOf('name', 'mangled', 'unmangled');

/** Bytes that udev cannot handle. */
const UNSAFE = /[^0-9A-Za-z#+\-.:=@_]/g;
/** A mangled byte. */
const MANGLED = /\\x[0-9a-fA-F]{2}/g;
const MANGLED_TWICE = /\\x5[cC]x/;

const refuse = (field: string, expected: string, received: string): never => {
  throw new InputError({ field, expected, received });
};

const mangled = (byte: string): string => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;

/**
 * Converts a name or uuid to the kernel's form, one character per byte.
 * @throws InputError in `'auto'` for text that is partly mangled, or mangled twice
 */
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

/** Mangles a name that is not yet mangled. @throws InputError for a partly mangled name */
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
 * The correct form of a kernel name or uuid, as in `dmsetup mangle`: unmangled in `'none'` if that is UTF-8, else
 * mangled once.
 * @throws InputError for a partly mangled name, and in `'auto'` for a name that is mangled twice
 */
export function rightForm(bytes: string, mode: Mangling, field = 'name'): string {
  isText(bytes, field);
  isMangling(mode, 'mangling');
  if (mode === 'none') {
    const plain = unmangleBytes(bytes);
    return toKernel(fromKernel(plain)) === plain ? plain : bytes;
  }
  const result = mangleOnce(bytes, field);
  if (mode === 'auto') refuseTwice(result, field, fromKernel(bytes));
  return result;
}

/** Unmangles a kernel name: each `\xHH` becomes its byte. */
export function unmangle(kernelName: string): string {
  isText(kernelName, 'kernelName');
  return fromKernel(unmangleBytes(kernelName));
}

/**
 * Returns one form of a kernel name, as libdevmapper does: `'name'` is the form that this mangling mode displays.
 * @throws InputError where libdevmapper fails: for a name with unmangled unsafe bytes, and in `'auto'` for a name that
 * is mangled twice; also for control characters
 */
export function nameForm(
  name: string,
  form: 'name' | 'mangled' | 'unmangled',
  mode: Mangling,
): string {
  isText(name, 'name');
  isForm(form, 'form');
  isMangling(mode, 'mangling');
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

/** The display form of a kernel name: the unmangled name if it converts back to the kernel name, else the latter. */
export const displayName = (name: string, mode: Mangling): string =>
  display(name, mode, kernelName);

/** The same for a uuid. */
export const displayUuid = (uuid: string, mode: Mangling): string =>
  display(uuid, mode, kernelUuid);

function display(text: string, mode: Mangling, back: typeof kernelName): string {
  isText(text, 'name');
  isMangling(mode, 'mangling');
  // Safe bytes have the same form in every mode.
  if (text.search(UNSAFE) === -1) return text;
  if (mode === 'none') return fromKernel(text);
  const plain = unmangle(text);
  try {
    if (back(plain, mode) === text) return plain;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return fromKernel(text);
}

/** Converts a device name to the kernel's form. @throws InputError for a name that the kernel or /dev cannot hold */
export function kernelName(name: string, mode: Mangling, field = 'name'): string {
  checkText(name, field);
  if (name.includes('/')) refuse(field, 'a name without "/"', name);
  // Linux 6.1 accepts these three, but they have another meaning in /dev/mapper.
  if (name === '.' || name === '..' || name === 'control') {
    refuse(field, 'a name other than ".", ".." and "control"', name);
  }
  return checkLength(mangle(name, mode, field), DM_NAME_LEN - 1, name, field);
}

/** Converts a uuid to the kernel's form. @throws InputError */
export function kernelUuid(uuid: string, mode: Mangling, field = 'uuid'): string {
  checkText(uuid, field);
  return checkLength(mangle(uuid, mode, field), DM_UUID_LEN - 1, uuid, field);
}

function checkText(text: string, field: string): void {
  if (typeof text !== 'string' || text === '') refuse(field, 'a non-empty string', text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this check rejects them
  if (/[\x00-\x1f\x7f]/.test(text)) refuse(field, 'a string without control characters', text);
  if (/\p{Surrogate}/u.test(text)) refuse(field, 'well-formed Unicode', text);
}

function checkLength(bytes: string, max: number, text: string, field: string): string {
  if (bytes.length > max) {
    const mangled = bytes.length === toKernel(text).length ? '' : ' after mangling';
    refuse(field, `at most ${max} bytes${mangled} (this has ${bytes.length})`, text);
  }
  return bytes;
}
