import { channels } from '../channels.ts';
import { GuestError } from '../errors.ts';

/** The parts of a user-mode Linux. */
export interface UmlOptions {
  /** The guest's first program, a path on this machine. */
  readonly init: string;
  /** Directory for the control files of the program. */
  readonly directory: string;
  /** Memory in MiB. */
  readonly memory: number;
  /** Raw image files: /dev/ubda, /dev/ubdb and so on. */
  readonly disks: readonly string[];
  readonly verbose: boolean;
}

/**
 * The kernel's command line: this machine's root read-only through hostfs, the console on standard output, one serial
 * line for each channel. Source: Documentation/virt/uml/user_mode_linux_howto_v2.rst, and `linux --help`.
 *
 * @throws GuestError for a path with characters that are special in the command line.
 */
export const umlArguments = (options: UmlOptions): string[] => [
  `mem=${options.memory}M`,
  ...['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro'],
  `init=${checked(options.init)}`,
  ...['con0=null,fd:1', 'con=null'],
  `ssl0=null,fd:${channels.stdout}`,
  `ssl1=null,fd:${channels.stderr}`,
  `ssl2=null,fd:${channels.control}`,
  'ssl=null',
  `uml_dir=${checked(options.directory)}`,
  'umid=guest',
  'panic=-1',
  // Linux 6.16 and later trap system calls by seccomp, which is faster than ptrace. Older kernels ignore the option.
  'seccomp=auto',
  ...(options.verbose ? [] : ['quiet']),
  ...options.disks.map((path, index) => `ubd${index}=${checked(path)}`),
];

function checked(path: string): string {
  if (/^[\w./+-]+$/.test(path)) return path;
  throw new GuestError(
    `invalid path ${JSON.stringify(path)}: expected letters, digits and _ . / + - only; set XDG_CACHE_HOME to another directory`,
  );
}
