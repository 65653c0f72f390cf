// The cost of one container, counted by strace: control ioctls, fsyncs, processes, waits for udev.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { openStorage, SMALL, storageRoot } from '../../support/kernel/storage.ts';
import { useUdevd } from '../../support/kernel/udevd.ts';

const LIFE = fileURLToPath(new URL('../../fixtures/container-life.js', import.meta.url));
const OPTIONS = [...SMALL, 'dm.blkdiscard=false'];

useUdevd(test);

interface Counts {
  readonly ioctls: readonly string[];
  readonly fsyncs: number;
  readonly processes: number;
  readonly semaphores: number;
}

/** The calls of each step, by step name. */
function countSteps(trace: string): Map<string, Counts> {
  const steps = new Map<string, Counts>();
  let name = '';
  for (const line of trace.split('\n')) {
    if (line.includes('resumed>')) continue;
    const begun = /access\("\/step\/([^"]+)"/.exec(line)?.[1];
    if (begun !== undefined) name = begun;
    if (name === '') continue;
    const counts = steps.get(name) ?? { ioctls: [], fsyncs: 0, processes: 0, semaphores: 0 };
    const command = line.includes('/mapper/control>')
      ? /\b(DM_[A-Z_]+)/.exec(line)?.[1]
      : undefined;
    steps.set(name, {
      ioctls: command === undefined ? counts.ioctls : [...counts.ioctls, command],
      fsyncs: counts.fsyncs + (/\bf(data)?sync\(/.test(line) ? 1 : 0),
      processes:
        counts.processes +
        (/\b(execve|fork|vfork|clone|clone3)\(/.test(line) && !line.includes('CLONE_THREAD')
          ? 1
          : 0),
      semaphores: counts.semaphores + (/\bsem(get|op|ctl|timedop)\(/.test(line) ? 1 : 0),
    });
  }
  return steps;
}

test('a container life takes at most 28 control ioctls and 14 fsyncs, no process and no wait for udev', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root, ['dm.blkdiscard=false']);
  await storage.create('image');
  await storage.close();
  const { status, stderr } = spawnSync(
    'strace',
    [
      '-f',
      '--seccomp-bpf',
      '-y',
      '-qq',
      '-e',
      'signal=none',
      '-e',
      'trace=ioctl,fsync,fdatasync,execve,fork,vfork,clone,clone3,semget,semop,semctl,semtimedop,access',
      process.execPath,
      LIFE,
      root,
      ...OPTIONS,
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  t.is(status, 0, stderr.slice(-2000));
  const steps = countSteps(stderr);
  steps.delete('close');
  for (const [name, { ioctls, fsyncs, processes, semaphores }] of steps) {
    t.log(
      `${name}: ${ioctls.length} ioctls (${ioctls.join(' ')}), ${fsyncs} fsyncs, ${processes} processes, ${semaphores} semaphore calls`,
    );
  }
  const sum = (count: (counts: Counts) => number): number =>
    [...steps.values()].reduce((all, counts) => all + count(counts), 0);
  const total = { ioctls: sum((c) => c.ioctls.length), fsyncs: sum((c) => c.fsyncs) };
  t.log('total', total);
  t.is(steps.size, 8);
  t.true(total.ioctls <= 28, `${total.ioctls} ioctls`);
  t.true(total.ioctls >= 16, 'the trace has the ioctls');
  t.true(total.fsyncs <= 14, `${total.fsyncs} fsyncs`);
  t.true(total.fsyncs >= 8, 'the trace has the fsyncs');
  t.is(
    sum((c) => c.processes),
    0,
  );
  t.is(
    sum((c) => c.semaphores),
    0,
  );
});

test('nothing is left', assertNothingLeft);
