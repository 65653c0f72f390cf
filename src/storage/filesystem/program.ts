// Runs the external programs of this backend, without a shell: mkfs, filesystem growth, LVM.

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { CallOptions } from '../../dm/device/options.ts';
import { onAbort } from '../../ioctl/input/on-abort.ts';
import { StorageError } from '../config/errors.ts';

/** The Debian package of each program. */
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

/** PATH, and the directories of programs for root. */
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

/** Checks that programs are installed. @throws StorageError ERR_STORAGE_PROGRAM, which names the package */
export function demandPrograms(programs: readonly string[]): void {
  const missing = programs.find((program) => !hasProgram(program));
  if (missing === undefined) return;
  const from = PACKAGES[missing];
  throw failure(missing, 'it is not installed', from && `Install the package ${from}`);
}

/**
 * Runs a program to its end. @returns its standard output
 * @throws StorageError ERR_STORAGE_PROGRAM with the end of its output; the reason of `signal`, which kills it
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
    const stopListening = onAbort(signal, () => void child.kill('SIGKILL'));
    child.once('error', (error) => {
      stopListening();
      reject(failure(program, `cannot start it: ${error.message}`));
    });
    child.once('close', (status, killedBy) => {
      stopListening();
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
  const how =
    killedBy === null ? `it exited with status ${status}` : `it was killed by ${killedBy}`;
  const words = shorten(
    withoutUsage(said)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join('; '),
  );
  return `${how}${words === '' ? '' : `: ${words}`} (arguments: ${args.join(' ')})`;
}

/** The text before a program's usage. */
function withoutUsage(said: string): string {
  const usage = /^usage:/im.exec(said);
  const reason = said.slice(0, usage?.index);
  return reason.trim() === '' ? said : reason;
}

/** The beginning and the end of a text: mkfs prints its reason first, LVM last. */
const shorten = (words: string): string =>
  words.length > SHOWN ? `${words.slice(0, SHOWN / 2)} … ${words.slice(-SHOWN / 2)}` : words;
