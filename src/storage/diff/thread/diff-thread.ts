// The program of a thread that works on files for its owner (work.ts): it unpacks, packs or compares trees, with calls that
// block. A call costs it some microseconds. A call of Node's that does not block costs many more, and an entry takes ten calls.

import type { MessagePort } from 'node:worker_threads';
import { startHelper } from '../../../ioctl/thread/helper-program.ts';
import { unpackTar } from '../apply/unpack-tar.ts';
import { packTrees } from '../pack/pack-trees.ts';
import { ByteSource } from '../tar/source.ts';
import { findChanges, openTrees } from '../tree/find-changes.ts';
import { ProgressReports } from './progress-reports.ts';
import type { Results, Task, TaskMessage, TaskReply } from './protocol.ts';
import { Ring } from './ring.ts';
import { sendError } from './sent-error.ts';
import { ThreadEnd } from './thread-end.ts';

/** The number of changes in one message: reading it takes the owner a few milliseconds. */
const CHANGES_AT_ONCE = 1000;

type Send = (reply: TaskReply) => void;

function changesOf(task: Extract<Task, { upper: string }>, ring: ThreadEnd) {
  const { upper, lower, snapshotTime } = task;
  using trees = openTrees(upper, lower);
  return findChanges(trees, { snapshotTime, checkpoint: ring.checkpoint });
}

function work(task: Task, ring: ThreadEnd, send: Send): Results[Task['kind']] {
  const { checkpoint } = ring;
  const progress = new ProgressReports((at) => send({ kind: 'progress', progress: at }));
  switch (task.kind) {
    case 'apply': {
      const source = new ByteSource(ring.pull);
      const result = unpackTar(task.target, source, { checkpoint, onEntry: progress.note });
      progress.flush();
      return result;
    }
    case 'pack': {
      const { upper, lower, snapshotTime } = task;
      packTrees(ring, [upper, lower], { snapshotTime, checkpoint, onEntry: progress.note });
      progress.flush();
      return undefined;
    }
    case 'changes': {
      const found = changesOf(task, ring).map(({ kind, path }) => ({ kind, path }));
      for (let at = 0; at < found.length; at += CHANGES_AT_ONCE) {
        send({ kind: 'changes', changes: found.slice(at, at + CHANGES_AT_ONCE) });
      }
      return undefined;
    }
    case 'size':
      return changesOf(task, ring).reduce((sum, { size }) => sum + size, 0n);
  }
}

startHelper((port: MessagePort) => {
  const send: Send = (reply) => port.postMessage(reply);
  port.on('message', ({ task, memory }: TaskMessage) => {
    const end = new ThreadEnd(new Ring(memory), () => send({ kind: 'wake' }));
    try {
      send({ kind: 'done', result: work(task, end, send) });
    } catch (error) {
      send({ kind: 'failed', error: sendError(error) });
    }
  });
});
