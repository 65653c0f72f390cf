import { execFileSync } from 'node:child_process';
import { accessSync, appendFileSync, constants, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openKernelLog } from '../../../../src/ioctl/kernel/kmsg.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const descriptors = (): number => readdirSync('/proc/self/fd').length;

/** A regular file replaces the log: one entry is written and read at a time, like with /dev/kmsg. */
function fakeLog(t: ExecutionContext, before: string): string {
  const path = join(tempDir(t), 'kmsg');
  writeFileSync(path, before);
  return path;
}

const CORRECT = [
  ['6,339,5140900,-;NET: Registered protocol family 10\n', 'NET: Registered protocol family 10'],
  [
    '6,340,5690716,-;udevd[80]: starting version 181\n SUBSYSTEM=block\n DEVICE=b7:0\n',
    'udevd[80]: starting version 181',
  ],
  ['3,341,7,-;device-mapper: table: 253:0: a; b: c\n', 'device-mapper: table: 253:0: a; b: c'],
  ['30,342,8,-,caller=T1;with another field\n', 'with another field'],
  ['4,343,9,c;a continued one\n', 'a continued one'],
  ['4,344,10,-;é, of two bytes\n', 'é, of two bytes'],
  ['4,345,11,-;without an end', 'without an end'],
] as const;

for (const [record, text] of CORRECT) {
  test(`the text of ${JSON.stringify(record)}`, (t) => {
    const path = fakeLog(t, '6,1,1,-;before\n');
    const log = openKernelLog(path);
    t.teardown(() => log?.close());
    t.deepEqual(log?.read(), []);
    appendFileSync(path, record);
    t.deepEqual(log?.read(), [text]);
    t.deepEqual(log?.read(), []);
  });
}

test('entries without a text are omitted', (t) => {
  const path = fakeLog(t, '');
  const log = openKernelLog(path);
  t.teardown(() => log?.close());
  appendFileSync(path, '6,1,1,-;\n');
  t.deepEqual(log?.read(), []);
});

test('a log that cannot be opened is undefined and leaves no open descriptor', (t) => {
  const dir = tempDir(t);
  const fifo = join(dir, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const before = descriptors();
  t.is(openKernelLog(join(dir, 'not there')), undefined);
  t.is(openKernelLog(join(dir, 'not', 'there')), undefined);
  // It can be opened, but not positioned at its end.
  t.is(openKernelLog(fifo), undefined);
  t.is(descriptors(), before);
});

test('a log that cannot be read returns no texts', (t) => {
  const log = openKernelLog('/sys');
  t.teardown(() => log?.close());
  t.deepEqual(log?.read(), []);
});

test('close closes the descriptor', (t) => {
  const before = descriptors();
  const log = openKernelLog(fakeLog(t, ''));
  t.is(descriptors(), before + 1);
  log?.close();
  t.is(descriptors(), before);
});

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

test('entries written to /dev/kmsg are read, older ones are not', (t) => {
  const log = openKernelLog();
  t.teardown(() => log?.close());
  if (!isWritable('/dev/kmsg')) {
    t.log(
      'NOT TESTED WITH THE REAL LOG: /dev/kmsg is not writable for this user; run the test as root',
    );
    t.true(log === undefined || Array.isArray(log.read()));
    return;
  }
  const older = `dmts test ${process.pid} older`;
  appendFileSync('/dev/kmsg', `${older}\n`);
  const later = openKernelLog();
  t.teardown(() => later?.close());
  const newer = [1, 2].map((i) => `dmts test ${process.pid}; number ${i}`);
  for (const text of newer) appendFileSync('/dev/kmsg', `<7>${text}\n`);
  const mine = (texts: readonly string[] = []): string[] =>
    texts.filter((text) => text.startsWith('dmts test'));
  t.deepEqual(mine(log?.read()), [older, ...newer]);
  t.deepEqual(mine(later?.read()), newer);
  t.deepEqual(mine(later?.read()), []);
});
