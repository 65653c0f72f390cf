import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuestError } from './errors.ts';
import { aptPercent, showProgress } from './progress.ts';
import { run } from './run.ts';

/** A private apt with its own lists, one source, and this machine's mirror and keys. */
export interface PrivateApt {
  /** Names of the dependencies of the package `name`. */
  depends(name: string): Promise<string[]>;
  /** Downloads packages as .deb files into `directory`. */
  download(names: readonly string[], directory: string): Promise<void>;
}

/** Options of {@link openPrivateApt}. */
export interface PrivateAptOptions {
  readonly signal?: AbortSignal | undefined;
  /** Debian architecture of the packages. @default 'amd64' */
  readonly architecture?: string;
}

/**
 * Creates an apt for the component main of `suite` only, and fetches its index. It does not change the machine's own
 * apt state, and it cannot install packages.
 *
 * @throws GuestError if this machine has no Debian mirror configured, or apt fails.
 */
export async function openPrivateApt(
  suite: string,
  directory: string,
  { signal, architecture = 'amd64' }: PrivateAptOptions = {},
): Promise<PrivateApt> {
  const targets = await run('apt-get', ['indextargets'], { signal });
  const source = sourceLine(suite, targets, architecture);
  for (const name of ['lists/partial', 'archives/partial'])
    await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, 'sources.list'), source);
  await writeFile(join(directory, 'status'), '');
  const options = [
    ['Dir::Etc::sourcelist', join(directory, 'sources.list')],
    ['Dir::Etc::sourceparts', '/dev/null'],
    ['Dir::Etc::preferences', '/dev/null'],
    ['Dir::Etc::preferencesparts', '/dev/null'],
    ['Dir::State', directory],
    ['Dir::State::lists', join(directory, 'lists')],
    ['Dir::State::status', join(directory, 'status')],
    ['Dir::Cache', directory],
    ['Dir::Cache::archives', join(directory, 'archives')],
    ['Acquire::Languages', 'none'],
    ['Acquire::Retries', '3'],
    ['APT::Architecture', architecture],
    ['APT::Architectures', architecture],
    // The directory is below a home directory that apt's own user cannot access.
    ['APT::Sandbox::User', 'root'],
  ].flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const withProgress = async (title: string, args: readonly string[], cwd: string) => {
    using progress = showProgress(title);
    await run('apt-get', [...options, '-o', 'APT::Status-Fd=3', ...args], {
      cwd,
      signal,
      onStatusLine: (line) => progress.update(aptPercent(line) ?? 0),
    });
    progress.done();
  };
  await withProgress(`Fetching the package list of ${suite}`, ['update'], directory);
  return {
    async depends(name) {
      return dependencies(await run('apt-cache', [...options, 'depends', name], { signal }));
    },
    async download(names, into) {
      await withProgress(`Downloading ${names.join(' ')}`, ['download', ...names], into);
    },
  };
}

/** The package names on the (Pre-)Depends lines of `apt-cache depends`. */
export function dependencies(text: string): string[] {
  return [...text.matchAll(/^\s*\|?(?:Pre)?Depends: ([^<\s]\S*)$/gm)].map((match) => match[1]!);
}

/**
 * The sources.list line for packages of `suite` and `architecture`, on the mirror that this machine's
 * `apt-get indextargets` shows for Debian itself (not for security updates, backports or third parties).
 *
 * @throws GuestError if there is no such mirror.
 */
export function sourceLine(suite: string, indexTargets: string, architecture = 'amd64'): string {
  const targets = indexTargets
    .split(/\n\n+/)
    .map(
      (paragraph) =>
        new Map(
          [...paragraph.matchAll(/^([\w-]+): ?(.*)$/gm)].map((match) => [match[1]!, match[2]!]),
        ),
    )
    .filter(
      (target) =>
        target.get('Identifier') === 'Packages' &&
        target.get('Component') === 'main' &&
        // Origin and label are known only once the machine has fetched its lists.
        (target.get('Origin') ?? 'Debian') === 'Debian' &&
        (target.get('Label') ?? 'Debian') === 'Debian' &&
        !target.get('Release')?.includes('-'),
    );
  const target = targets.find((candidate) => candidate.has('Origin')) ?? targets[0];
  const mirror = target?.get('Repo-URI');
  if (!mirror)
    throw new GuestError(
      'cannot find a Debian mirror: apt-get indextargets shows no component "main" of a Debian release. Add one to the apt sources of this machine',
    );
  const signedBy = target?.get('Signed-By');
  // A one-line source cannot contain an embedded key block; then the machine's trusted keys are used.
  const keys = signedBy && /^[/\w.,-]+$/.test(signedBy) ? ` signed-by=${signedBy}` : '';
  return `deb [arch=${architecture}${keys}] ${mirror} ${suite} main\n`;
}
