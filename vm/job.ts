/** A job for the guest. */
export interface Job {
  readonly command: readonly string[];
  readonly cwd: string;
  /** The complete environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  /** The word that ends both output streams, see `trailerBytes`. */
  readonly trailer: string;
  /** The kind of machine. */
  readonly machine: 'uml' | 'qemu';
  readonly udev: boolean;
  /** Kernel modules to load before the command. */
  readonly modules: readonly string[];
}

/**
 * Quotes a word for sh.
 *
 * @throws RangeError for NUL, which an argument cannot contain.
 */
export function shellQuote(word: string): string {
  if (word.includes('\0'))
    throw new RangeError(
      `invalid argument: expected a word without NUL, got ${JSON.stringify(word)}`,
    );
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The script that executes the command. Its environment has the variables of the job only. */
export function commandScript({ command, cwd, env }: Job): string {
  const assignments = Object.entries(env).map(
    ([name, value]) => `export ${name}=${shellQuote(value)}`,
  );
  return [
    ...assignments,
    `cd ${shellQuote(cwd)} || exit 125`,
    'unset OLDPWD',
    'ulimit -c 0',
    `exec ${command.map(shellQuote).join(' ')}`,
    '',
  ].join('\n');
}

/** The variables that the guest's init script reads, and its function `keep_tmp`. */
export function settingsScript(job: Job): string {
  return [
    `trailer=${shellQuote(job.trailer)}`,
    `machine=${job.machine}`,
    `udev=${job.udev ? 1 : 0}`,
    `modules=${shellQuote(job.modules.join(' '))}`,
    `keep_tmp() {`,
    ...temporaryEntries(job).map((name) => `  keep ${shellQuote(name)}`),
    '  return 0',
    '}',
    '',
  ].join('\n');
}

/** Entries of /tmp that the working directory and the command's words name. The guest's /tmp has no other entries. */
export function temporaryEntries({ command, cwd }: Pick<Job, 'command' | 'cwd'>): string[] {
  const named = [cwd, ...command].flatMap((word) => /^\/tmp\/+([^/]+)/.exec(word)?.[1] ?? []);
  return [...new Set(named)].filter((name) => name !== '.' && name !== '..');
}

/** Names of variables that the guest inherits. */
const inherited = ['HOME', 'LANG', 'LC_ALL', 'TZ', 'TERM', 'CI', 'NO_COLOR', 'FORCE_COLOR'];

const standardPath = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];

/**
 * The command's environment: some of the variables in `own`, then those in `asked`. `DMTS_GUEST` is the kernel's
 * release, `DMTS_DISKS` has the paths of the disks.
 */
export function guestEnvironment(
  own: NodeJS.ProcessEnv,
  asked: Readonly<Record<string, string>>,
  { release, disks }: { readonly release: string; readonly disks: readonly string[] },
): Record<string, string> {
  const kept = inherited.flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // The command runs as root. A user's PATH may lack the directories of root's programs.
  const path = new Set([...(own['PATH'] ?? '').split(':'), ...standardPath]);
  return {
    HOME: '/root',
    USER: 'root',
    LOGNAME: 'root',
    SHELL: '/bin/sh',
    ...Object.fromEntries(kept),
    PATH: [...path].filter(Boolean).join(':'),
    DMTS_GUEST: release,
    DMTS_DISKS: disks.join(' '),
    ...asked,
  };
}
