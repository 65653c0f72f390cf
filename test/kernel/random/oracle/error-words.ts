// The error texts of dmsetup: strerror(3) of glibc in the C locale.

/** Codes by glibc's text. */
const CODES: Readonly<Record<string, string>> = {
  'Operation not permitted': 'EPERM',
  'No such file or directory': 'ENOENT',
  'Interrupted system call': 'EINTR',
  'Input/output error': 'EIO',
  'No such device or address': 'ENXIO',
  'Argument list too long': 'E2BIG',
  'Resource temporarily unavailable': 'EAGAIN',
  'Cannot allocate memory': 'ENOMEM',
  'Permission denied': 'EACCES',
  'Bad address': 'EFAULT',
  'Block device required': 'ENOTBLK',
  'Device or resource busy': 'EBUSY',
  'File exists': 'EEXIST',
  'No such device': 'ENODEV',
  'Not a directory': 'ENOTDIR',
  'Is a directory': 'EISDIR',
  'Invalid argument': 'EINVAL',
  'Inappropriate ioctl for device': 'ENOTTY',
  'File too large': 'EFBIG',
  'No space left on device': 'ENOSPC',
  'Read-only file system': 'EROFS',
  'Numerical argument out of domain': 'EDOM',
  'Numerical result out of range': 'ERANGE',
  'No data available': 'ENODATA',
  'Value too large for defined data type': 'EOVERFLOW',
  'Invalid or incomplete multibyte or wide character': 'EILSEQ',
  'Operation not supported': 'EOPNOTSUPP',
  'Connection timed out': 'ETIMEDOUT',
  'Remote I/O error': 'EREMOTEIO',
  'Required key not available': 'ENOKEY',
  'Key has expired': 'EKEYEXPIRED',
  'Key has been revoked': 'EKEYREVOKED',
  'Key was rejected by service': 'EKEYREJECTED',
  'Bad message': 'EBADMSG',
  'File name too long': 'ENAMETOOLONG',
  'Too many levels of symbolic links': 'ELOOP',
  'No such process': 'ESRCH',
  'Package not installed': 'ENOPKG',
};

/** The code for an error text of dmsetup. @throws Error for unknown text */
export function codeOfWords(words: string): string {
  const code = CODES[words];
  if (code === undefined) throw new Error(`No code is known for ${JSON.stringify(words)}`);
  return code;
}
