// The programs that this backend leaves to others: mkfs, filesystems that grow, LVM. Run without a shell.

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { CallOptions } from '../dm/options.ts';
import { StorageError } from './errors.ts';

/** Which of Debian's packages has a program. */
const PACKAGES: Readonly<Record<string, string>> = {
  'mkfs.ext4': 'e2fsprogs',
  resize2fs: 'e2fsprogs',
  tune2fs: 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  xfs_growfs: 'xfsprogs',
  pvs: 'lvm2',
  lvs: 'lvm2',
  pvcreate: 'lvm2',
  vgcreate: 'lvm2',
  lvcreate: 'lvm2',
  lvconvert: 'lvm2',
  lvchange: 'lvm2',
  thin_check: 'thin-provisioning-tools',
};

const OUTPUT_KEPT = 64 * 1024;
const SHOWN = 500;

/** PATH, and where programs for root are whatever PATH says. */
const searchPath = (): string => `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin:/sbin`;

/** Whether a program is installed. */
export function hasProgram(program: string): boolean {
  return searchPath()
    .split(delimiter)
    .filter((directory) => directory !== '')
    .some((directory) => {
      try {
        accessSync(join(directory, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const failure = (program: string, problem: string, hint?: string): StorageError =>
  new StorageError({ code: 'ERR_STORAGE_PROGRAM', subject: program, problem, hint });

/** Refuse to begin where a program is missing. @throws StorageError ERR_STORAGE_PROGRAM that names the package */
export function demandPrograms(programs: readonly string[]): void {
  const missing = programs.find((program) => !hasProgram(program));
  if (missing === undefined) return;
  const from = PACKAGES[missing];
  throw failure(missing, 'it is not installed', from && `It comes with the package ${from}`);
}

/**
 * Run a program to its end, and give what it printed.
 * @throws StorageError ERR_STORAGE_PROGRAM with the last of what it said; the reason of the signal, which ends it
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { signal }: CallOptions = {},
): Promise<string> {
  demandPrograms([program]);
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', PATH: searchPath() },
    });
    let printed = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed = (printed + chunk).slice(-OUTPUT_KEPT);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-OUTPUT_KEPT);
    });
    const stop = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', stop, { once: true });
    child.once('error', (error) => {
      signal?.removeEventListener('abort', stop);
      reject(failure(program, `it cannot be started: ${error.message}`));
    });
    child.once('close', (status, killedBy) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) reject(signal.reason as Error);
      else if (status === 0) resolve(printed);
      else reject(failure(program, endText(args, status, killedBy, said || printed)));
    });
  });
}

function endText(
  args: readonly string[],
  status: number | null,
  killedBy: string | null,
  said: string,
): string {
  const how = killedBy === null ? `it ended with status ${status}` : `it was ended by ${killedBy}`;
  const words = shorten(
    withoutUsage(said)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join('; '),
  );
  return `${how}${words === '' ? '' : `: ${words}`} (arguments: ${args.join(' ')})`;
}

/** What a program said before it explained its usage. */
function withoutUsage(said: string): string {
  const usage = /^usage:/im.exec(said);
  const reason = said.slice(0, usage?.index);
  return reason.trim() === '' ? said : reason;
}

/** Its beginning and its end: mkfs gives its reason first, LVM last. */
const shorten = (words: string): string =>
  words.length > SHOWN ? `${words.slice(0, SHOWN / 2)} … ${words.slice(-SHOWN / 2)}` : words;
