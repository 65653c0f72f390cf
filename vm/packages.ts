import { readFile } from 'node:fs/promises';
import { GuestError } from './errors.ts';
import { aptPercent, showProgress } from './progress.ts';
import { run, runAnyStatus } from './run.ts';

/** Packages with programs for the guest, which shares this machine's root. */
export const guestPackages: readonly string[] = [
  'cryptsetup-bin',
  'dmsetup',
  'e2fsprogs',
  'keyutils',
  'lvm2',
  'strace',
  'thin-provisioning-tools',
  'udev',
  'xfsprogs',
];

/** The packages in `wanted` that are not installed according to dpkg-query's `${Package} ${Status}` lines. */
export function missingPackages(wanted: readonly string[], dpkgLines: string): string[] {
  const installed = new Set(
    dpkgLines
      .split('\n')
      .filter((line) => line.endsWith(' ok installed'))
      .map((line) => line.split(' ')[0]),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** The error message for packages that could not be installed. */
export function missingMessage(missing: readonly string[], reason: string): string {
  return `cannot install ${missing.join(', ')}: ${reason}. Install with:\n  sudo apt-get install --no-install-recommends ${missing.join(' ')}`;
}

/**
 * Installs the missing packages of `wanted` without questions. Updates the index files only if the installation fails.
 *
 * @throws GuestError on other systems than Debian on amd64; without root or if apt fails, it names packages and command.
 */
export async function ensurePackages(options: {
  readonly signal?: AbortSignal | undefined;
  readonly wanted: readonly string[];
}): Promise<void> {
  const { signal, wanted } = options;
  checkMachine(await readOsRelease(), process.arch);
  const query = await runAnyStatus(
    'dpkg-query',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
    ['-W', '-f', '${Package} ${Status}\\n', ...wanted],
    { signal },
  );
  const missing = missingPackages(wanted, query.stdout);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new GuestError(missingMessage(missing, 'not root'));
  try {
    await install(missing, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new GuestError(missingMessage(missing, reason), { cause: error });
  }
}

/** The fields of /etc/os-release; empty if the file does not exist. */
export async function readOsRelease(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const fields = text.matchAll(/^([A-Z_]+)=(?:"(.*)"|(.*))$/gm);
  return Object.fromEntries([...fields].map(([, key, quoted, bare]) => [key, quoted ?? bare]));
}

/**
 * Checks that guests can be prepared on this machine.
 *
 * @throws GuestError if the system is not Debian on amd64.
 */
export function checkMachine(
  { ID, PRETTY_NAME }: Readonly<Record<string, string>>,
  arch: string,
): void {
  if (ID !== 'debian')
    throw new GuestError(
      `invalid machine: expected Debian (its packages, kernels and mirror are used), got ${PRETTY_NAME ?? ID ?? 'no /etc/os-release'}. Run in a Debian container or machine, as root`,
    );
  if (arch !== 'x64') throw new GuestError(`invalid machine: expected amd64, got ${arch}`);
}

async function install(missing: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const aptGet = async (title: string, args: readonly string[]): Promise<void> => {
    using progress = showProgress(title);
    await run(
      'apt-get',
      ['-y', '-o', 'APT::Status-Fd=3', '-o', 'DPkg::Lock::Timeout=300', ...args],
      {
        env: { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' },
        signal,
        onStatusLine: (line) => progress.update(aptPercent(line) ?? 0),
      },
    );
    progress.done();
  };
  const title = `Installing ${missing.join(' ')}`;
  const args = ['-o', 'Dpkg::Options::=--force-confold', '--no-install-recommends', 'install'];
  try {
    await aptGet(title, [...args, ...missing]);
  } catch {
    // Missing or outdated index files are the usual reason. A second failure is thrown.
    signal?.throwIfAborted();
    await aptGet('Updating package lists', ['update']);
    await aptGet(title, [...args, ...missing]);
  }
}
