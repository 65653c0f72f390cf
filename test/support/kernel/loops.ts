// Backing files, and the check that a test file leaves nothing on the machine.

import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { unmount } from '../../../src/ioctl/file/mount.ts';
import {
  type AttachLoopOptions,
  attachLoop,
  detachLoop,
  type LoopDevice,
} from '../../../src/ioctl/loop/loop.ts';

export const MiB: number = 1 << 20;

/** One directory for a test file, on the guest's tmpfs. */
export const scratch: string = mkdtempSync(join(tmpdir(), 'dmts-kernel-'));

let files = 0;
/** A sparse file. */
export function sparseFile(size: number = 16 * MiB): string {
  const path = join(scratch, `file${++files}`);
  writeFileSync(path, '');
  truncateSync(path, size);
  return path;
}

/** Attach for the duration of a test. */
export async function attach(
  t: ExecutionContext,
  file: string,
  options?: AttachLoopOptions,
): Promise<LoopDevice> {
  const device = await attachLoop(file, options);
  t.teardown(async () => {
    try {
      await detachLoop(device.path);
    } catch {
      // ENXIO: the test has detached it. The last test of the file detects any other failure.
    }
  });
  return device;
}

/** Unmount when the test ends, whatever its result. */
export function unmountAfter(t: ExecutionContext, target: string): void {
  t.teardown(async () => {
    try {
      await unmount(target, { lazy: true });
    } catch {
      // EINVAL: no longer mounted. The last test of the file detects a remaining mount.
    }
  });
}

/** The backing files of these tests that are attached, by loop device, as sysfs shows them. */
export const attachedFiles = (): readonly string[] =>
  readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .flatMap((name) => {
      try {
        const file = readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8').trim();
        return file.startsWith(scratch) ? [`${name}: ${file}`] : [];
      } catch {
        return []; // nothing attached
      }
    });

/** The mount points below the test directory. */
export const mountsBelow = (): readonly string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((target) => target.startsWith(scratch));

/** Allocated bytes of a file. */
export const allocated = (path: string): number => statSync(path).blocks * 512;

/** For the last test of a file: no object of these tests remains on the machine. */
export function assertNothingLeft(t: ExecutionContext): void {
  t.deepEqual(attachedFiles(), []);
  t.deepEqual(mountsBelow(), []);
  rmSync(scratch, { recursive: true });
}
