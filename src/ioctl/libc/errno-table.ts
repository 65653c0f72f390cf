// The errnos of Linux. The table does not depend on the system that runs this program: the kernel that replies is Linux
// or a model of it. Source: <asm-generic/errno-base.h>, <asm-generic/errno.h>.

/** The codes of errno 1, 2, 3 …; `-` marks a number that Linux does not use. Node calls 95 ENOTSUP. */
export const LINUX_CODES: readonly string[] = `
  EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST
  EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM
  ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG
  EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET
  ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG
  ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE
  EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT ENOTSUP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE
  EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN
  ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL
  EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD
  ENOTRECOVERABLE ERFKILL EHWPOISON
`
  .trim()
  .split(/\s+/);

/** Alternative codes of the same numbers. */
export const ALIASES: Readonly<Record<string, string>> = {
  EWOULDBLOCK: 'EAGAIN',
  EDEADLOCK: 'EDEADLK',
  EOPNOTSUPP: 'ENOTSUP',
};

/** The texts of errnos that libuv does not know: glibc's, with a lower-case first letter like libuv's. */
export const WORDS_UNKNOWN_TO_LIBUV: Readonly<Record<string, string>> = {
  ENOEXEC: 'exec format error',
  ECHILD: 'no child processes',
  ENOTBLK: 'block device required',
  EDOM: 'numerical argument out of domain',
  EDEADLK: 'resource deadlock avoided',
  ENOLCK: 'no locks available',
  ENOMSG: 'no message of desired type',
  EIDRM: 'identifier removed',
  ECHRNG: 'channel number out of range',
  EL2NSYNC: 'level 2 not synchronized',
  EL3HLT: 'level 3 halted',
  EL3RST: 'level 3 reset',
  ELNRNG: 'link number out of range',
  ENOCSI: 'no CSI structure available',
  EL2HLT: 'level 2 halted',
  EBADE: 'invalid exchange',
  EBADR: 'invalid request descriptor',
  EXFULL: 'exchange full',
  ENOANO: 'no anode',
  EBADRQC: 'invalid request code',
  EBADSLT: 'invalid slot',
  EBFONT: 'bad font file format',
  ENOSTR: 'device not a stream',
  ETIME: 'timer expired',
  ENOSR: 'out of streams resources',
  ENOPKG: 'package not installed',
  EREMOTE: 'object is remote',
  ENOLINK: 'link has been severed',
  EADV: 'advertise error',
  ESRMNT: 'srmount error',
  ECOMM: 'communication error on send',
  EMULTIHOP: 'multihop attempted',
  EDOTDOT: 'RFS specific error',
  EBADMSG: 'bad message',
  ENOTUNIQ: 'name not unique on network',
  EBADFD: 'file descriptor in bad state',
  EREMCHG: 'remote address changed',
  ELIBACC: 'can not access a needed shared library',
  ELIBBAD: 'accessing a corrupted shared library',
  ELIBSCN: '.lib section in a.out corrupted',
  ELIBMAX: 'attempting to link in too many shared libraries',
  ELIBEXEC: 'cannot exec a shared library directly',
  ERESTART: 'interrupted system call should be restarted',
  ESTRPIPE: 'streams pipe error',
  EUSERS: 'too many users',
  EPFNOSUPPORT: 'protocol family not supported',
  ENETRESET: 'network dropped connection on reset',
  ETOOMANYREFS: 'too many references: cannot splice',
  EINPROGRESS: 'operation now in progress',
  ESTALE: 'stale file handle',
  EUCLEAN: 'structure needs cleaning',
  ENOTNAM: 'not a XENIX named type file',
  ENAVAIL: 'no XENIX semaphores available',
  EISNAM: 'is a named type file',
  EDQUOT: 'disk quota exceeded',
  ENOMEDIUM: 'no medium found',
  EMEDIUMTYPE: 'wrong medium type',
  ENOKEY: 'required key not available',
  EKEYEXPIRED: 'key has expired',
  EKEYREVOKED: 'key has been revoked',
  EKEYREJECTED: 'key was rejected by service',
  EOWNERDEAD: 'owner died',
  ENOTRECOVERABLE: 'state not recoverable',
  ERFKILL: 'operation not possible due to RF-kill',
  EHWPOISON: 'memory page has hardware error',
};
