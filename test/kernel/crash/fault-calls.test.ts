// Calls to loop devices and mounts that fail: strace answers them with an errno.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Steps } from '../../support/crash/kill-at.ts';
import { PARENT, StorageSubject, TINY } from '../../support/faults/storage-subject.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { scratchDirectory } from '../../support/kernel/scratch.ts';

const OPERATION = fileURLToPath(new URL('../../fixtures/storage-op.js', import.meta.url));
const LOOPS = ['loop-control', 'loop0', 'loop1', 'loop2', 'loop3'].map((name) => `/dev/${name}`);
/** An operation makes fewer calls of one name. */
const CALLS_MAX = 40;

/** A system call that fails. */
interface FailingCall {
  readonly call: string;
  /** Only calls about these files. */
  readonly files?: readonly string[];
  readonly errnos: readonly string[];
  /** The steps after the open of a storage that is shut down. */
  readonly steps: Steps;
}

const CALLS: readonly FailingCall[] = [
  {
    call: 'ioctl',
    files: LOOPS,
    errnos: ['EBUSY', 'ENXIO', 'ENOMEM', 'EIO', 'EINVAL', 'EINTR'],
    steps: [['close']],
  },
  {
    call: 'mount',
    errnos: ['EBUSY', 'EINVAL', 'EIO', 'ENOMEM', 'EINTR', 'EPERM'],
    steps: [['mount', PARENT]],
  },
  {
    call: 'umount2',
    errnos: ['EBUSY', 'ENOMEM', 'EINTR', 'EPERM'],
    steps: [
      ['mount', PARENT],
      ['unmount', PARENT],
    ],
  },
];

interface Run {
  /** A call failed. */
  readonly met: boolean;
  readonly status: number | null;
  readonly stderr: string;
}

/** Runs the steps while call number `when` fails. */
function runWith(
  t: ExecutionContext,
  { call, files = [], steps }: FailingCall,
  errno: string,
  when: number,
  root: string,
): Run {
  const log = join(scratchDirectory(t), 'trace');
  const { status, stderr } = spawnSync(
    'strace',
    [
      ['-f', '--seccomp-bpf', '-qq', '-o', log, '-e', 'signal=none', '-e', `trace=${call}`],
      ['-e', `inject=${call}:error=${errno}:when=${when}`],
      files.flatMap((file) => ['-P', file]),
      [process.execPath, OPERATION, root, JSON.stringify(steps), ...TINY],
    ].flat(),
    { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' }, timeout: 60_000 },
  );
  return { met: readFileSync(log, 'utf8').includes('(INJECTED)'), status, stderr };
}

const CASES = CALLS.flatMap((failing) => failing.errnos.map((errno) => ({ failing, errno })));

for (const { failing, errno } of CASES) {
  test(`${failing.call} fails with ${errno} in ${failing.steps.flat().join(' ')}`, async (t) => {
    t.timeout(1_200_000);
    const subject = await StorageSubject.make(t);
    await subject.renew();
    for (let when = 1; ; when++) {
      t.true(when < CALLS_MAX, 'the calls come to an end');
      const { met, status, stderr } = runWith(t, failing, errno, when, subject.root);
      const what = `${failing.call} number ${when}, ${errno}`;
      const words = /\n(\w*Error: .*)/.exec(stderr)?.[1];
      if (met) t.log(`${what}: ${status === 0 ? 'succeeds' : words}`);
      t.not(status, null, `${what}: it ends`);
      if (status !== 0) {
        t.regex(words ?? stderr, /^(StorageError|PoolError|SyscallError|DmError)/, what);
        t.true(stderr.includes(errno), `${what}: ${words}`);
      }
      // What the next open repairs: a process that fails does not shut the storage down.
      await subject.recover();
      const content = await subject.storage.mount(PARENT);
      t.is(readFileSync(join(content, 'a'), 'utf8'), 'a\n', what);
      await subject.shutDown();
      t.deepEqual(await subject.look(), [], what);
      if (!met) break;
    }
  });
}

test('nothing is left', assertNothingLeft);
