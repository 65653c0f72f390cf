// Whether a view has changed anything: a byte of a directory, its pool, or what is active on the machine.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { DeviceMapper } from '../../../src/index.ts';
import type { Outcome } from '../cli/dmts.ts';
import { run as runCommand } from './commands.ts';
import { MiB, output } from './scratch.ts';

const BIG = 4 * MiB;

/** The content of a file; of a large, mostly sparse one, its data extents. */
const digest = (path: string): string =>
  statSync(path).size > BIG
    ? output('sh', '-c', 'tar --create --sparse "$0" 2>/dev/null | sha256sum', path)
    : createHash('sha256').update(readFileSync(path)).digest('hex');

/**
 * Every file below a directory: its content, attributes and times. The content of mounted layers is on the data
 * device and is not read here: that would change access times.
 */
function stateBelow(root: string): Readonly<Record<string, string>> {
  output('sync');
  const below = readdirSync(root).filter((name) => name !== 'mnt');
  const names = ['.', ...below, ...below.flatMap((name) => namesIn(root, name))].toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(root, name);
      const { mode, uid, gid, mtimeNs, ctimeNs, size } = statSync(path, { bigint: true });
      const content = statSync(path).isFile() ? digest(path) : '';
      return [name, `${mode} ${uid}:${gid} ${size} ${mtimeNs} ${ctimeNs} ${content}`];
    }),
  );
}

const namesIn = (root: string, name: string): readonly string[] =>
  statSync(join(root, name)).isDirectory()
    ? readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((below) =>
        join(name, below),
      )
    : [];

/** What is active on the machine: devices with their tables, loop devices, mounts, and directories of views. */
export async function machine(): Promise<unknown> {
  await using dm = await DeviceMapper.open();
  const devices = await dm.list();
  const tables = await Promise.all(
    devices.map(async ({ name }) => [name, (await dm.table(name, { noFlush: true })).targets]),
  );
  return {
    tables,
    loops: output('losetup', '--list', '--noheadings', '--output', 'NAME,BACK-FILE'),
    mounts: readFileSync('/proc/self/mounts', 'utf8'),
    looks: readdirSync(tmpdir()).filter((name) => name.startsWith('dmts-look-')),
  };
}

/** Runs a command. */
export type Run = (words: readonly string[]) => Outcome | Promise<Outcome>;

/** Runs a command in this process. */
export const run: Run = (words) => runCommand(...words);

/** Run every view of a storage; each must succeed. @returns the output of each */
export async function lookAtAll(
  t: ExecutionContext,
  root: string,
  options: readonly string[],
  [id, parent]: readonly [id: string, parent: string],
  how: Run = run,
): Promise<Readonly<Record<string, string>>> {
  const place = ['--root', root, ...options.flatMap((option) => ['--storage-opt', option])];
  const looks: readonly (readonly [verb: string, ...words: readonly string[]])[] = [
    ['ls'],
    ['status'],
    ['inspect', id],
    ['changes', id, parent],
    ['changes', id],
    ['diff', id, parent],
    ['diff', id, '--json'],
  ];
  const seen: Record<string, string> = {};
  for (const [verb, ...words] of looks) {
    const { status, stdout, stderr } = await how(['storage', verb, ...place, ...words]);
    t.is(status, 0, `${verb}: ${stderr}`);
    seen[[verb, ...words].join(' ')] = stdout;
  }
  return seen;
}

/** Run every view, and check that nothing has changed. */
export async function assertUnchanged<T>(
  t: ExecutionContext,
  paths: readonly string[],
  look: () => T | Promise<T>,
): Promise<T> {
  const before = [paths.map(stateBelow), await machine()];
  const result = await look();
  t.deepEqual([paths.map(stateBelow), await machine()], before);
  return result;
}
