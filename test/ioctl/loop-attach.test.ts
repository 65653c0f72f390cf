// Races and refusals that no kernel produces on demand: the kernel is a pair of functions.

import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { attachTo, type LoopKernel } from '../../src/ioctl/loop-attach.ts';
import {
  type AttachLoopOptions,
  loopConfig,
  loopInfo64,
  statusOf,
} from '../../src/ioctl/loop-records.ts';
import { SyscallError } from '../../src/ioctl/syscall-error.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const DIRECT_IO = 16;
const INFO_AT = 8;

const refusal = (code: keyof typeof constants.errno): SyscallError =>
  new SyscallError({
    syscall: 'ioctl',
    errno: constants.errno[code],
    operation: 'LOOP_CONFIGURE',
  });

interface Attempt {
  readonly path: string;
  readonly info: ReturnType<typeof loopInfo64.decode>;
  readonly blockSize: number;
}

/** Attach a file to a kernel that answers each attempt so; gives the attempts, and what came of them. */
async function attaching(
  t: ExecutionContext,
  answer: (attempt: Attempt, count: number) => Error | undefined,
  options: AttachLoopOptions = {},
  name = 'disk.img',
) {
  const file = join(tempDir(t), name);
  writeFileSync(file, '');
  const attempts: Attempt[] = [];
  const kernel: LoopKernel = {
    firstFree: async () => attempts.length,
    configure: async (path, config) => {
      const { blockSize } = loopConfig.decode(config);
      const attempt = { path, info: loopInfo64.decode(config, INFO_AT), blockSize };
      attempts.push(attempt);
      // As a lent buffer ends, in the thread's hands.
      structuredClone(config.buffer, { transfer: [config.buffer as ArrayBuffer] });
      const error = answer(attempt, attempts.length);
      if (error) throw error;
      return async () => undefined;
    },
  };
  const outcome = await attachTo(kernel, file, options).catch((error: unknown) => error);
  return { attempts, outcome, file };
}

const isDirect = ({ info }: Attempt): boolean => (info.flags & DIRECT_IO) !== 0;

test('a device that somebody else took first is left to them', async (t) => {
  const { attempts, outcome } = await attaching(t, (_, count) =>
    count < 3 ? refusal('EBUSY') : undefined,
  );
  t.like(outcome, { path: '/dev/loop2', number: 2 });
  t.deepEqual(
    attempts.map(({ path }) => path),
    ['/dev/loop0', '/dev/loop1', '/dev/loop2'],
  );
});

test('a race that is lost a hundred times is told', async (t) => {
  const { attempts, outcome } = await attaching(t, () => refusal('EBUSY'));
  t.like(outcome, { code: 'EBUSY' });
  t.is(attempts.length, 100);
});

test('a filesystem without direct I/O gets along without', async (t) => {
  const { attempts, outcome } = await attaching(t, (attempt) =>
    isDirect(attempt) ? refusal('EINVAL') : undefined,
  );
  t.deepEqual(attempts.map(isDirect), [true, false]);
  t.like(outcome, { path: '/dev/loop1', number: 1 });
});

test('what is refused either way is told', async (t) => {
  const { attempts, outcome } = await attaching(t, () => refusal('EINVAL'));
  t.deepEqual(attempts.map(isDirect), [true, false]);
  t.like(outcome, { code: 'EINVAL', message: 'EINVAL: invalid argument, ioctl LOOP_CONFIGURE' });
});

for (const directIo of [true, false]) {
  test(`directIo: ${directIo} is tried as it was asked for, and only so`, async (t) => {
    const { attempts, outcome } = await attaching(t, () => refusal('EINVAL'), { directIo });
    t.deepEqual(attempts.map(isDirect), [directIo]);
    t.like(outcome, { code: 'EINVAL' });
  });
}

for (const error of [refusal('EPERM'), new Error('no refusal of the kernel')]) {
  test(`${error.message} is not tried again`, async (t) => {
    const { attempts, outcome } = await attaching(t, () => error);
    t.is(attempts.length, 1);
    t.is(outcome, error);
  });
}

test('what was asked for is what the kernel is told, and tells', async (t) => {
  const options: AttachLoopOptions = {
    offset: 4096n,
    sizeLimit: 2n ** 40n,
    readOnly: true,
    autoclear: true,
    directIo: false,
    blockSize: 4096,
  };
  const { attempts, file } = await attaching(t, () => undefined, options, 'é'.repeat(60));
  const { info, blockSize } = attempts[0]!;
  t.is(blockSize, 4096);
  t.deepEqual(statusOf(loopInfo64.encode({ ...info, device: 7n, inode: 8n })), {
    backingDevice: 7n,
    backingInode: 8n,
    // The kernel has room for 63 bytes, and the last one may be half a character.
    fileName: Buffer.from(file).subarray(0, 63).toString(),
    offset: 4096n,
    sizeLimit: 2n ** 40n,
    readOnly: true,
    autoclear: true,
    directIo: false,
  });
  const plain = await attaching(t, () => undefined);
  t.like(statusOf(loopInfo64.encode(plain.attempts[0]!.info)), {
    fileName: plain.file.slice(0, 63),
    offset: 0n,
    sizeLimit: 0n,
    readOnly: false,
    autoclear: false,
    directIo: true,
  });
});
