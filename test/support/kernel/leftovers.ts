// What a test file must not leave behind.

import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { until } from '../until.ts';
import { openDm } from './scratch.ts';

const OURS = 'dmts-test-';

/** The backing files of the tests' loop devices; scratch.ts creates them. */
const backingFiles = (): readonly string[] =>
  readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .flatMap((name) => {
      try {
        return [readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8').trim()];
      } catch {
        return []; // nothing attached
      }
    })
    .filter((file) => file.startsWith(join(tmpdir(), OURS)));

/** For the last test of a file: no device, node, loop device or file of these tests remains. */
export async function assertNothingLeft(t: ExecutionContext): Promise<void> {
  const dm = await openDm(t);
  const ours = (name: string): boolean => name.startsWith(OURS);
  t.deepEqual((await dm.list()).map(({ name }) => name).filter(ours), []);
  t.deepEqual(readdirSync('/dev/mapper').filter(ours), []);
  // The kernel detaches them some time after the last close.
  await until('no loop device of ours', () => backingFiles().length === 0).catch(t.log);
  t.deepEqual(backingFiles(), []);
  t.deepEqual(readdirSync(tmpdir()).filter(ours), []);
}
