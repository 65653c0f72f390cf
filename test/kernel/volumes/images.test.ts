// Import and export of images.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import type { VolumeInfo, Volumes } from '../../../src/volumes/index.ts';
import { full, writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import {
  MiB,
  openDm,
  output,
  scratchDirectory,
  scratchLoop,
} from '../../support/kernel/scratch.ts';
import { used } from '../../support/kernel/thin.ts';
import { openVolumes } from '../../support/kernel/volumes.ts';

const BLOCK = 65_536;

/** A sparse file with data at odd places, one of them across a block, and a block of written zeros. */
function oddImage(t: ExecutionContext, size = 24 * MiB + 512): string {
  const path = join(scratchDirectory(t), 'image');
  writeFileSync(path, '');
  truncateSync(path, size);
  const file = openSync(path, 'r+');
  for (const [at, length] of [
    [0, 1000],
    [3 * BLOCK - 10, 20],
    [5 * MiB, 2 * MiB],
    [size - 700, 700],
  ] as const) {
    writeSync(file, randomBytes(length), 0, length, at);
  }
  writeSync(file, Buffer.alloc(BLOCK), 0, BLOCK, 20 * BLOCK);
  return path;
}

async function onlyOne(volumes: Volumes): Promise<VolumeInfo> {
  const [one, ...others] = await volumes.list();
  if (one === undefined || others.length > 0) throw new Error('there is not exactly one volume');
  return one;
}

const content = (path: string): Buffer => readFileSync(path);

test.serial('a file goes in and out, and its holes take no space', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  const image = oddImage(t);
  const progress: [bigint, bigint][] = [];
  await volumes.import('disk', image, { onProgress: (...at) => progress.push(at) });
  const { size, used: mapped } = await onlyOne(volumes);
  t.is(size, BigInt(statSync(image).size));
  // One block, two around the border, 32 for the middle, and two at the end.
  t.is(Number(mapped) / BLOCK, 1 + 2 + 32 + 2);
  t.deepEqual(progress.at(-1), [size, size]);
  const target = join(scratchDirectory(t), 'out');
  await volumes.export('disk', target);
  t.true(content(target).equals(content(image)));
  t.true(statSync(target).blocks * 512 <= Number(mapped) + BLOCK, 'the file is sparse');
  await t.throwsAsync(volumes.export('disk', target), {
    code: 'ERR_VOLUME_TARGET',
    message: `${target}: the file already exists. Choose another name, or set overwrite`,
  });
  await volumes.export('disk', target, { overwrite: true });
  t.deepEqual(readdirSync(join(target, '..')), ['out']);
});

test.serial('a stream goes in and out', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  const image = oddImage(t);
  const size = statSync(image).size;
  await volumes.import('disk', createReadStream(image, { highWaterMark: 10_007 }), { size });
  const target = join(scratchDirectory(t), 'out');
  const stream = createWriteStream(target);
  await volumes.export('disk', stream);
  if (!stream.closed) await once(stream, 'close');
  t.true(content(target).equals(content(image)));
  const { used: mapped } = await onlyOne(volumes);
  t.is(Number(mapped) / BLOCK, 37);
});

test.serial('a block device goes in', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  const loop = await scratchLoop(t, 8 * MiB);
  writeSectors(loop, 80, full('l', 8));
  await volumes.import('disk', loop);
  const target = join(scratchDirectory(t), 'out');
  await volumes.export('disk', target);
  t.true(content(target).equals(content(loop)));
});

test.serial('a size that is not a multiple of a sector is rounded up', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  const image = oddImage(t, 8 * MiB + 5);
  await volumes.import('disk', image);
  const target = join(scratchDirectory(t), 'out');
  await volumes.export('disk', target);
  t.is(statSync(target).size, 8 * MiB + 512);
  t.true(
    content(target)
      .subarray(0, 8 * MiB + 5)
      .equals(content(image)),
  );
});

/** The pool has as many thin devices and used blocks as before, and no device is left. */
async function leavesNothing(
  t: ExecutionContext,
  volumes: Volumes,
  task: () => Promise<unknown>,
): Promise<void> {
  const state = async () => [
    (await volumes.list()).map(({ name, path }) => [name, path]),
    (await volumes.pool.thinDetails()).size,
    await used(volumes.pool),
    readdirSync(join(volumes.directory, 'spares')),
  ];
  const before = await state();
  await task();
  t.deepEqual(await state(), before);
}

test.serial('an import that fails leaves nothing', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  const image = oddImage(t);
  const refused = (source: string | Readable, options: object, expected: object) =>
    leavesNothing(t, volumes, () => t.throwsAsync(volumes.import('x', source, options), expected));
  await refused(Readable.from([]), {}, { message: /^size: expected the size of the volume/ });
  await refused(image, { size: MiB }, { message: /^size: expected at least the 25166336 bytes/ });
  await refused(image, { size: 32 * MiB + 1 }, { message: /^size: expected a multiple of 512/ });
  await refused('/nowhere', {}, { code: 'ENOENT' });
  await refused('/dev/null', {}, { message: /^source: expected the path of a file or a block/ });
  await refused(
    Readable.from([Buffer.alloc(MiB, 1), Buffer.alloc(1, 1)]),
    { size: MiB },
    {
      code: 'ERR_VOLUME_SIZE',
      message: `volume "x": the image is larger than the volume of ${MiB} bytes. Import it with a larger size`,
    },
  );
  const broken = async function* () {
    yield Buffer.alloc(MiB, 1);
    throw new Error('the network is gone');
  };
  await refused(Readable.from(broken()), { size: MiB }, { message: 'the network is gone' });
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error('enough'));
  await refused(image, { onProgress, signal: controller.signal }, { message: 'enough' });
});

test.serial('an export that fails leaves nothing', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  await volumes.import('disk', oddImage(t));
  const directory = scratchDirectory(t);
  await leavesNothing(t, volumes, () =>
    t.throwsAsync(volumes.export('disk', join(directory, 'none', 'out')), { code: 'ENOENT' }),
  );
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error('enough'));
  const { signal } = controller;
  await leavesNothing(t, volumes, () =>
    t.throwsAsync(volumes.export('disk', join(directory, 'out'), { onProgress, signal }), {
      message: 'enough',
    }),
  );
  t.deepEqual(readdirSync(directory), []);
});

test.serial('a running volume is exported as it is at the call', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  await volumes.create('vm', { size: 64 * MiB });
  const { path } = await volumes.activate('vm');
  output('mkfs.ext4', '-q', path);
  const mounted = scratchDirectory(t);
  execFileSync('mount', [path, mounted]);
  try {
    writeFileSync(join(mounted, 'before'), 'b'.repeat(MiB));
    const target = join(scratchDirectory(t), 'out');
    const exported = volumes.export('vm', target, {
      onProgress: () => writeFileSync(join(mounted, 'after'), 'a'.repeat(MiB)),
    });
    await exported;
    output('e2fsck', '-fn', target);
    const names = output('debugfs', '-R', 'ls -p /', target);
    t.regex(names, /\/before\//);
    t.notRegex(names, /\/after\//);
  } finally {
    execFileSync('umount', [mounted]);
  }
  await volumes.deactivate('vm');
});

test.serial('two exports at once take turns at the metadata snapshot', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  const image = oddImage(t);
  await volumes.import('disk', image);
  const targets = ['one', 'two', 'three'].map((name) => join(scratchDirectory(t), name));
  await Promise.all(targets.map((target) => volumes.export('disk', target)));
  for (const target of targets) t.true(content(target).equals(content(image)));
});

test.serial(
  'an export replaces files only, and none in the directory of the volumes',
  async (t) => {
    const { volumes, room } = await openVolumes(t, await openDm(t));
    await volumes.import('disk', oddImage(t));
    const directory = scratchDirectory(t);
    output('mkfifo', join(directory, 'fifo'));
    const targets = {
      [join(directory, 'fifo')]: /expected a file, got a fifo/,
      [directory]: /expected a file, got a directory/,
      '/dev/null': /expected a file, got a character device/,
      [join(room.dir, 'data')]: /it is in the directory of the volumes/,
      [join(room.dir, 'volumes', 'new')]: /it is in the directory of the volumes/,
    };
    for (const [target, message] of Object.entries(targets)) {
      await leavesNothing(t, volumes, () =>
        t.throwsAsync(volumes.export('disk', target, { overwrite: true }), {
          code: 'ERR_VOLUME_TARGET',
          message,
        }),
      );
    }
  },
);

test.serial('a file that comes to exist during an export remains', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  await volumes.import('disk', oddImage(t));
  const target = join(scratchDirectory(t), 'out');
  const onProgress = () => writeFileSync(target, 'precious');
  await leavesNothing(t, volumes, () =>
    t.throwsAsync(volumes.export('disk', target, { onProgress }), { code: 'ERR_VOLUME_TARGET' }),
  );
  t.is(readFileSync(target, 'utf8'), 'precious');
  t.deepEqual(readdirSync(join(target, '..')), ['out']);
});

test.serial('a stream of zeros has a length, and ends with an abort', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  await leavesNothing(t, volumes, () =>
    t.throwsAsync(volumes.import('x', Readable.from([Buffer.alloc(2 * MiB)]), { size: MiB }), {
      code: 'ERR_VOLUME_SIZE',
    }),
  );
  const controller = new AbortController();
  const { signal } = controller;
  const endless = async function* () {
    for (let sent = 0; ; sent++) {
      if (sent === 20) controller.abort(new Error('enough'));
      yield Buffer.alloc(MiB);
    }
  };
  await leavesNothing(t, volumes, () =>
    t.throwsAsync(volumes.import('x', endless(), { size: 2048 * MiB, signal }), {
      message: 'enough',
    }),
  );
});

test.serial('an abort ends the import of a stream that waits', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  const controller = new AbortController();
  const stalled = new Readable({
    read: () => {
      setImmediate(() => controller.abort(new Error('enough')));
    },
  });
  await leavesNothing(t, volumes, () =>
    t.throwsAsync(volumes.import('x', stalled, { size: MiB, signal: controller.signal }), {
      message: 'enough',
    }),
  );
  t.true(stalled.destroyed);
});

test.serial('an error of a stream is the error of its import', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  await leavesNothing(t, volumes, () =>
    t.throwsAsync(volumes.import('x', createReadStream('/nowhere'), { size: MiB }), {
      code: 'ENOENT',
    }),
  );
  await volumes.create('x', { size: MiB });
  await t.throwsAsync(volumes.import('x', createReadStream('/nowhere'), { size: MiB }), {
    code: 'ERR_VOLUME_EXISTS',
  });
});

test.serial('a stream that has ended is refused', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  await volumes.create('disk', { size: MiB });
  const stream = createWriteStream(join(scratchDirectory(t), 'out'));
  stream.end();
  await once(stream, 'close');
  await t.throwsAsync(volumes.export('disk', stream), {
    code: 'ERR_DMTS_INPUT',
    message: /^target: expected a path or a Writable stream, got "a stream that has ended"/,
  });
});

test.serial('an import into a full pool says so', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t), { size: 64 * MiB });
  // The kernel waits a minute before it fails the writes of a full pool.
  t.timeout(300_000);
  const bytes = Readable.from(
    (function* () {
      for (let sent = 0; sent < 80; sent++) yield Buffer.alloc(MiB, 1);
    })(),
  );
  await t.throwsAsync(volumes.import('x', bytes, { size: 80 * MiB }), {
    code: 'ERR_POOL_FULL',
    message: /it has no free data block for the image\. Grow the pool, or delete a volume$/,
  });
  t.deepEqual(await volumes.list(), []);
  t.deepEqual([...(await volumes.pool.thinDetails()).keys()], []);
});

test.serial('nothing is left', assertNothingLeft);
