import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { nextData, nextHole } from '../../../../src/ioctl/file/holes.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const MiB = 2n ** 20n;

function opened(t: ExecutionContext, path: string, flags: string): number {
  const fd = openSync(path, flags);
  t.teardown(() => closeSync(fd));
  return fd;
}

test('nextData and nextHole find data between two holes', (t) => {
  const fd = opened(t, join(tempDir(t), 'file'), 'w+');
  ftruncateSync(fd, Number(3n * MiB));
  writeSync(fd, Buffer.alloc(Number(MiB), 1), 0, Number(MiB), Number(MiB));
  t.is(nextData(fd, 0n), MiB);
  t.is(nextHole(fd, MiB), 2n * MiB);
  t.is(nextData(fd, 2n * MiB), undefined, 'the rest is a hole');
  t.is(nextHole(fd, 3n * MiB), undefined, 'no data follows the end');
});

test('a filesystem without support for holes has data only', (t) => {
  const fd = opened(t, '/proc/self/status', 'r');
  t.is(nextData(fd, 5n), 5n);
  t.is(nextHole(fd, 5n), undefined);
});

test('a descriptor without a position fails', (t) => {
  const path = join(tempDir(t), 'fifo');
  execFileSync('mkfifo', [path]);
  const fd = opened(t, path, 'r+');
  t.throws(() => nextData(fd, 0n), { code: 'ESPIPE', message: /lseek/ });
});
