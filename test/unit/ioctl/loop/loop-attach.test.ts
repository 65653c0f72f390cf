// Races, failures and old kernels, which no machine produces on demand: the kernel is a function.

import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SyscallError } from '../../../../src/ioctl/libc/syscall-error.ts';
import { attachTo, type LoopKernel } from '../../../../src/ioctl/loop/loop-attach.ts';
import {
  type AttachLoopOptions,
  type LoopRequest,
  loopConfig,
  loopInfo64,
  statusOf,
} from '../../../../src/ioctl/loop/loop-records.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const DIRECT_IO = 16;
const INFO_AT = 8;
const NO_FILE = 0xffffffff;

const refusal = (code: keyof typeof constants.errno, operation = 'LOOP_CONFIGURE'): SyscallError =>
  new SyscallError({ syscall: 'ioctl', errno: constants.errno[code], operation });

/** One request, as the kernel receives it. */
interface Request {
  readonly path: string;
  readonly name: LoopRequest;
  /** Only in LOOP_CONFIGURE and LOOP_SET_STATUS64. */
  readonly info: ReturnType<typeof loopInfo64.decode>;
  /** Only in LOOP_CONFIGURE and LOOP_SET_FD. */
  readonly fd: number;
  /** Only in LOOP_CONFIGURE and LOOP_SET_BLOCK_SIZE. */
  readonly blockSize: number;
}

const NO_INFO = loopInfo64.decode(Buffer.alloc(loopInfo64.size));

function requestOf(path: string, name: LoopRequest, argument: bigint | Buffer): Request {
  if (typeof argument === 'bigint') {
    return { path, name, info: NO_INFO, fd: Number(argument), blockSize: Number(argument) };
  }
  if (name === 'LOOP_SET_STATUS64') {
    return { path, name, info: loopInfo64.decode(argument), fd: NO_FILE, blockSize: 0 };
  }
  return { path, name, info: loopInfo64.decode(argument, INFO_AT), ...loopConfig.decode(argument) };
}

/** Attach a file on a kernel with these replies. @returns the requests and the outcome */
async function attaching(
  t: ExecutionContext,
  answer: (request: Request, count: number) => Error | undefined,
  options: AttachLoopOptions = {},
  {
    name = 'disk.img',
    direct = async () => undefined,
  }: { readonly name?: string; readonly direct?: LoopKernel['readDirectly'] } = {},
) {
  const file = join(tempDir(t), name);
  writeFileSync(file, '');
  const requests: Request[] = [];
  const opened: (readonly [path: string, readOnly: boolean])[] = [];
  let closed = 0;
  const kernel: LoopKernel = {
    firstFree: async () => opened.length,
    open: async ({ path }, readOnly) => {
      opened.push([path, readOnly]);
      return {
        request: async (name, argument) => {
          const request = requestOf(path, name, argument);
          requests.push(request);
          if (typeof argument === 'object') {
            t.is(argument.buffer.byteLength, argument.byteLength, 'its own memory');
            // Like a lent buffer, the argument becomes unusable.
            structuredClone(argument.buffer, { transfer: [argument.buffer as ArrayBuffer] });
          }
          const error = answer(request, requests.length);
          if (error) throw error;
        },
        close: async () => {
          closed += 1;
        },
      };
    },
    readDirectly: direct,
  };
  const outcome = await attachTo(kernel, file, options).catch((error: unknown) => error);
  const isAttached = typeof outcome === 'object' && outcome !== null && 'number' in outcome;
  t.is(closed, opened.length - (isAttached ? 1 : 0), 'a device without a file is closed');
  return { requests, opened, outcome, file };
}

const isDirect = ({ info }: Request): boolean => (info.flags & DIRECT_IO) !== 0;
const names = (requests: readonly Request[]): readonly string[] => requests.map(({ name }) => name);

/** A kernel with LOOP_CONFIGURE, which checks the descriptor first. */
const modern =
  (answer: (request: Request, count: number) => Error | undefined) =>
  (request: Request, count: number): Error | undefined =>
    request.name === 'LOOP_CONFIGURE' && request.fd === NO_FILE
      ? refusal('EBADF')
      : answer(request, count);

/** A kernel before 5.8, without LOOP_CONFIGURE. */
const old =
  (answer: (request: Request, count: number) => Error | undefined = () => undefined) =>
  (request: Request, count: number): Error | undefined =>
    request.name === 'LOOP_CONFIGURE' ? refusal('EINVAL') : answer(request, count);

test('after a lost race the next device is used', async (t) => {
  const { opened, outcome } = await attaching(t, (_, count) =>
    count < 3 ? refusal('EBUSY') : undefined,
  );
  t.like(outcome, { path: '/dev/loop2', number: 2 });
  t.deepEqual(
    opened.map(([path]) => path),
    ['/dev/loop0', '/dev/loop1', '/dev/loop2'],
  );
});

test('the error of the hundredth lost race is thrown', async (t) => {
  const { requests, outcome } = await attaching(t, () => refusal('EBUSY'));
  t.like(outcome, { code: 'EBUSY' });
  t.is(requests.length, 100);
});

test('if the kernel rejects direct I/O, the file is attached without it', async (t) => {
  const { requests, outcome } = await attaching(
    t,
    modern((request) => (isDirect(request) ? refusal('EINVAL') : undefined)),
  );
  t.deepEqual(requests.filter(({ fd }) => fd !== NO_FILE).map(isDirect), [true, false]);
  t.like(outcome, { path: '/dev/loop1', number: 1 });
});

test('an error with and without direct I/O is thrown', async (t) => {
  const { requests, outcome } = await attaching(
    t,
    modern(() => refusal('EINVAL')),
  );
  t.deepEqual(requests.filter(({ fd }) => fd !== NO_FILE).map(isDirect), [true, false]);
  t.like(outcome, { code: 'EINVAL', message: 'EINVAL: invalid argument, ioctl LOOP_CONFIGURE' });
});

for (const directIo of [true, false]) {
  test(`directIo: ${directIo} has no fallback`, async (t) => {
    const { requests, outcome } = await attaching(
      t,
      modern(() => refusal('EINVAL')),
      { directIo },
    );
    t.deepEqual(requests.filter(({ fd }) => fd !== NO_FILE).map(isDirect), [directIo]);
    t.like(outcome, { code: 'EINVAL' });
  });
}

for (const error of [refusal('EPERM'), new Error('not an error of the kernel')]) {
  test(`there is no second attempt after ${error.message}`, async (t) => {
    const { requests, outcome } = await attaching(t, () => error);
    t.is(requests.length, 1);
    t.is(outcome, error);
  });
}

// --- A file that cannot be read with direct I/O ---------------------------------------------------

for (const code of ['EINVAL', 'EIO', 'ENODEV'] as const) {
  const cannot = async (): Promise<void> => {
    throw refusal(code, 'read');
  };

  test(`a file whose direct read ends with ${code} is attached without direct I/O`, async (t) => {
    const { requests, outcome } = await attaching(t, () => undefined, {}, { direct: cannot });
    t.like(outcome, { path: '/dev/loop0' });
    t.deepEqual(requests.map(isDirect), [false]);
  });

  test(`directIo: true for a file whose direct read ends with ${code} attaches nothing`, async (t) => {
    const options = { directIo: true };
    const { requests, outcome } = await attaching(t, () => undefined, options, { direct: cannot });
    t.like(outcome, { code });
    t.deepEqual(requests, []);
  });
}

test('directIo: false reads nothing', async (t) => {
  const direct = async (): Promise<void> => t.fail();
  const { requests } = await attaching(t, () => undefined, { directIo: false }, { direct });
  t.deepEqual(requests.map(isDirect), [false]);
});

test('the direct read reads the first block of the device', async (t) => {
  const options = { offset: 4096n, sizeLimit: 8192n, blockSize: 1024 };
  const direct: LoopKernel['readDirectly'] = async (file, asked) => {
    t.regex(file, /disk\.img$/);
    t.like(asked, options);
  };
  await attaching(t, () => undefined, options, { direct });
});

test('an abort during the direct read attaches nothing', async (t) => {
  const abort = new AbortController();
  const reason = new Error('not wanted');
  const direct = async (): Promise<void> => {
    abort.abort(reason);
    throw refusal('EINTR', 'read');
  };
  const options = { signal: abort.signal };
  const { requests, outcome } = await attaching(t, () => undefined, options, { direct });
  t.is(outcome, reason);
  t.deepEqual(requests, []);
});

// --- Kernels without LOOP_CONFIGURE ----------------------------------------------------------------

const EVERYTHING: AttachLoopOptions = {
  offset: 4096n,
  sizeLimit: 2n ** 40n,
  readOnly: true,
  autoclear: true,
  directIo: true,
  blockSize: 4096,
};

for (const unknown of ['EINVAL', 'ENOTTY'] as const) {
  test(`a kernel that replies to LOOP_CONFIGURE with ${unknown} is configured in steps`, async (t) => {
    const { requests, opened, outcome, file } = await attaching(
      t,
      ({ name }) => (name === 'LOOP_CONFIGURE' ? refusal(unknown) : undefined),
      EVERYTHING,
    );
    t.deepEqual(names(requests), [
      'LOOP_CONFIGURE',
      'LOOP_CONFIGURE',
      'LOOP_SET_FD',
      'LOOP_SET_BLOCK_SIZE',
      'LOOP_SET_STATUS64',
      'LOOP_SET_DIRECT_IO',
    ]);
    const [configure, , setFd, setBlockSize, setStatus, setDirect] = requests;
    t.is(setFd?.fd, configure?.fd);
    t.is(setBlockSize?.blockSize, 4096);
    t.deepEqual(setStatus?.info, configure?.info);
    t.is(setDirect?.fd, 1);
    t.is(configure?.info.fileName, file.slice(0, 63));
    t.like(outcome, { path: '/dev/loop0' });
    // Such a kernel takes "read-only" from the mode in which the device was opened.
    t.deepEqual(opened, [['/dev/loop0', true]]);
  });
}

test('without a block size and direct I/O two steps are made', async (t) => {
  const { requests } = await attaching(t, old(), { directIo: false });
  t.deepEqual(names(requests).slice(2), ['LOOP_SET_FD', 'LOOP_SET_STATUS64']);
});

for (const step of ['LOOP_SET_BLOCK_SIZE', 'LOOP_SET_STATUS64', 'LOOP_SET_DIRECT_IO'] as const) {
  test(`a failed ${step} leaves no file attached`, async (t) => {
    const { requests, outcome } = await attaching(
      t,
      old(({ name }) => (name === step ? refusal('EPERM', name) : undefined)),
      EVERYTHING,
    );
    t.deepEqual(names(requests).slice(-2), [step, 'LOOP_CLR_FD']);
    t.like(outcome, { code: 'EPERM', message: `EPERM: operation not permitted, ioctl ${step}` });
  });
}

test('an error of the cleanup does not replace the first error', async (t) => {
  const { outcome } = await attaching(
    t,
    old(({ name }) => {
      if (name === 'LOOP_CLR_FD') return refusal('ENXIO', name);
      return name === 'LOOP_SET_STATUS64' ? refusal('EPERM', name) : undefined;
    }),
  );
  t.like(outcome, { code: 'EPERM' });
});

test('if an old kernel rejects direct I/O, the file is detached and attached without it', async (t) => {
  const { requests, outcome } = await attaching(
    t,
    old(({ name }) => (name === 'LOOP_SET_DIRECT_IO' ? refusal('EINVAL', name) : undefined)),
  );
  t.deepEqual(
    names(requests).filter((name) => name !== 'LOOP_CONFIGURE'),
    [
      'LOOP_SET_FD',
      'LOOP_SET_STATUS64',
      'LOOP_SET_DIRECT_IO',
      'LOOP_CLR_FD',
      'LOOP_SET_FD',
      'LOOP_SET_STATUS64',
    ],
  );
  t.like(outcome, { path: '/dev/loop1' });
});

test('a race lost at LOOP_SET_FD does not detach the file of the other process', async (t) => {
  const { requests, outcome } = await attaching(
    t,
    old(({ name, path }) =>
      name === 'LOOP_SET_FD' && path === '/dev/loop0' ? refusal('EBUSY', name) : undefined,
    ),
    { directIo: false },
  );
  t.like(outcome, { path: '/dev/loop1' });
  t.false(names(requests).includes('LOOP_CLR_FD'));
});

test('a request is repeated after EAGAIN', async (t) => {
  let tries = 0;
  const { requests, outcome } = await attaching(
    t,
    old(({ name }) =>
      name === 'LOOP_SET_STATUS64' && ++tries < 3 ? refusal('EAGAIN', name) : undefined,
    ),
    { directIo: false },
  );
  t.is(names(requests).filter((name) => name === 'LOOP_SET_STATUS64').length, 3);
  t.like(outcome, { path: '/dev/loop0' });
});

test('an abort between the steps undoes them', async (t) => {
  const abort = new AbortController();
  const reason = new Error('not wanted');
  const { requests, outcome } = await attaching(
    t,
    old(({ name }) => {
      if (name !== 'LOOP_SET_STATUS64') return undefined;
      abort.abort(reason);
      return refusal('EAGAIN', name);
    }),
    { directIo: false, signal: abort.signal },
  );
  t.is(outcome, reason);
  t.deepEqual(names(requests).slice(-2), ['LOOP_SET_STATUS64', 'LOOP_CLR_FD']);
});

test('a kernel with LOOP_CONFIGURE that rejects an argument is not configured in steps', async (t) => {
  const { requests, outcome } = await attaching(
    t,
    modern(() => refusal('EINVAL')),
    { blockSize: 1000, directIo: false },
  );
  t.deepEqual(names(requests), ['LOOP_CONFIGURE', 'LOOP_CONFIGURE']);
  t.like(outcome, { code: 'EINVAL' });
});

// --- Options ----------------------------------------------------------------------------------------

test('the options are encoded for the kernel and decoded from its status', async (t) => {
  const options: AttachLoopOptions = { ...EVERYTHING, directIo: false };
  const { requests, opened, file } = await attaching(t, () => undefined, options, {
    name: 'é'.repeat(60),
  });
  const { info, blockSize } = requests[0]!;
  t.is(blockSize, 4096);
  t.deepEqual(opened, [['/dev/loop0', true]]);
  t.deepEqual(statusOf(loopInfo64.encode({ ...info, device: 7n, inode: 8n })), {
    backingDevice: 7n,
    backingInode: 8n,
    // The kernel stores 63 bytes, and the last one can be a part of a character.
    fileName: Buffer.from(file).subarray(0, 63).toString(),
    offset: 4096n,
    sizeLimit: 2n ** 40n,
    readOnly: true,
    autoclear: true,
    directIo: false,
  });
  const plain = await attaching(t, () => undefined);
  t.deepEqual(plain.opened, [['/dev/loop0', false]]);
  t.like(statusOf(loopInfo64.encode(plain.requests[0]!.info)), {
    fileName: plain.file.slice(0, 63),
    offset: 0n,
    sizeLimit: 0n,
    readOnly: false,
    autoclear: false,
    directIo: true,
  });
});
