/** What the guest is to run. */
export interface Job {
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends both output streams, see `trailerBytes`. */
  readonly trailer: string;
  /** Which kind of machine the job runs on. */
  readonly machine: 'uml' | 'qemu';
  readonly udev: boolean;
  /** Kernel modules to load before the command. */
  readonly modules: readonly string[];
}

/**
 * A word as sh reads it back byte for byte, whatever it holds.
 *
 * @throws RangeError for NUL, which no argument can hold.
 */
export function shellQuote(word: string): string {
  if (word.includes('\0'))
    throw new RangeError(`Expected a word without NUL, got ${JSON.stringify(word)}`);
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The script that becomes the command; its environment starts empty but for what the job tells. */
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

/** Entries of /tmp that the working directory and the command's words name; the guest's /tmp is empty but for them. */
export function temporaryEntries({ command, cwd }: Pick<Job, 'command' | 'cwd'>): string[] {
  const named = [cwd, ...command].flatMap((word) => /^\/tmp\/+([^/]+)/.exec(word)?.[1] ?? []);
  return [...new Set(named)].filter((name) => name !== '.' && name !== '..');
}

/** Names of our own variables that mean the same in the guest. */
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
 * The command's environment: a few of `own` variables, then those asked for. `DMTS_GUEST` holds the kernel's release,
 * `DMTS_DISKS` the paths of the disks.
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
  // The command is root, whose programs a user's own PATH need not hold.
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
