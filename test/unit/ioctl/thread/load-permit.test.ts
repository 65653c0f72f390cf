import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import {
  PERMIT,
  type PermitGiver,
  SHARED_LENGTH,
} from '../../../../src/ioctl/thread/call-protocol.ts';
import { awaitPermit, Permit } from '../../../../src/ioctl/thread/load-permit.ts';
import { permitGiver, returnPermit } from '../../../../src/ioctl/thread/permit-giver.ts';
import { comes } from '../../../support/comes.ts';

const sharedState = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * SHARED_LENGTH));

/** A thread that gives a permit and waits in the kernel. */
async function giving(shared: Int32Array): Promise<Worker> {
  const url = new URL('../../../fixtures/permit-giver.js', import.meta.url);
  const thread = new Worker(url, { workerData: shared });
  const [giver] = (await comes('a giver', once(thread, 'message'))) as [PermitGiver];
  awaitPermit(shared, giver);
  return thread;
}

test('a thread that gives a permit waits until the permit is returned', async (t) => {
  const shared = sharedState();
  const thread = await giving(shared);
  t.is(shared[PERMIT], Permit.GIVEN);
  returnPermit(shared);
  await comes('the end of the thread', once(thread, 'exit'));
  t.is(shared[PERMIT], Permit.USED);
});

test('a thread that gives a permit cannot be terminated before the permit is returned', async (t) => {
  const shared = sharedState();
  const thread = await giving(shared);
  let isReturned = false;
  const ended = thread.terminate().then(() => isReturned);
  // A thread that does not wait in the kernel would end within this time.
  await sleep(200);
  isReturned = true;
  returnPermit(shared);
  t.true(await comes('the end of the thread', ended));
});

test('without information about the giver the permit is accepted', (t) => {
  const shared = sharedState();
  shared[PERMIT] = Permit.GIVEN;
  awaitPermit(shared, { ...permitGiver(shared), thread: 0 });
  t.is(shared[PERMIT], Permit.GIVEN);
});
