import { closeSync, lstatSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { makeNode, setTimes } from '../../../../src/ioctl/file/file-node.ts';
import { decodeDevT, encodeDevT } from '../../../../src/ioctl/struct/c-values.ts';
import { holds } from '../../../support/arbitraries/runs.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const S_IFIFO = 0o010000;
const SECOND = 1_000_000_000n;

function openDirectory(t: ExecutionContext): { path: string; directory: number } {
  const path = tempDir(t);
  const directory = openSync(path, 'r');
  t.teardown(() => closeSync(directory));
  return { path, directory };
}

const name = Buffer.from('name');

test('makeNode creates a fifo in an open directory', (t) => {
  const { path, directory } = openDirectory(t);
  makeNode({ directory, name }, S_IFIFO | 0o600);
  t.true(lstatSync(join(path, 'name')).isFIFO());
  t.throws(() => makeNode({ directory, name }, S_IFIFO | 0o600), {
    code: 'EEXIST',
    message: /mknodat.*name/,
  });
});

for (const [title, time] of [
  ['to the nanosecond', 1_700_000_000n * SECOND + 123_456_789n],
  ['before 1970', -1n],
  ['beyond 2038', 2n ** 33n * SECOND],
] as const) {
  test(`setTimes ${title}, on a symbolic link itself`, (t) => {
    const { path, directory } = openDirectory(t);
    writeFileSync(join(path, 'file'), '');
    const before = lstatSync(join(path, 'file'), { bigint: true }).mtimeNs;
    symlinkSync('file', join(path, 'name'));
    setTimes({ directory, name }, { accessed: time, modified: time });
    const { mtimeNs } = lstatSync(join(path, 'name'), { bigint: true });
    t.is(mtimeNs, time);
    t.is(lstatSync(join(path, 'file'), { bigint: true }).mtimeNs, before);
  });
}

test('setTimes of a missing name fails', (t) => {
  const { directory } = openDirectory(t);
  t.throws(() => setTimes({ directory, name }, { accessed: 0n, modified: 0n }), {
    code: 'ENOENT',
    message: /utimensat.*name/,
  });
});

test('a device number is encoded and decoded', (t) => {
  t.is(encodeDevT(7n, 200n), 0x7c8n);
  t.is(encodeDevT(0xfffff001n, 0xffffff02n), 0xffffffff_fff00102n);
  const u32 = fc.bigInt({ min: 0n, max: 0xffffffffn });
  const pairs = fc.property(u32, u32, (major, minor) => {
    t.deepEqual(decodeDevT(encodeDevT(major, minor)), { major, minor });
  });
  holds(t, pairs);
});
