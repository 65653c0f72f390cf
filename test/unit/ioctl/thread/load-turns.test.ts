import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import {
  closeTurns,
  endTurn,
  makeLoadTurns,
  takeTurn,
} from '../../../../src/ioctl/thread/load-turns.ts';
import type { TurnHolderData } from '../../../fixtures/turn-holder.ts';
import { comes } from '../../../support/comes.ts';

const counter = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
const holder = (workerData: TurnHolderData): Worker =>
  new Worker(new URL('../../../fixtures/turn-holder.js', import.meta.url), { workerData });

test('a free turn is taken and ended', (t) => {
  const turns = makeLoadTurns();
  t.true(takeTurn(turns, 1));
  endTurn(turns, 1);
  t.true(takeTurn(turns, 2));
});

test('a thread ends only its own turn', (t) => {
  const turns = makeLoadTurns();
  takeTurn(turns, 1);
  endTurn(turns, 2);
  t.is(turns[0], 1);
});

test('closed turns cannot be taken, and can be closed again', (t) => {
  const turns = makeLoadTurns();
  closeTurns(turns);
  closeTurns(turns);
  endTurn(turns, 1);
  t.false(takeTurn(turns, 1));
});

test('closing waits for the thread that has the turn', async (t) => {
  const [turns, done] = [makeLoadTurns(), counter()];
  const thread = holder({ turns, number: 1, done });
  t.deepEqual(await comes('a turn', once(thread, 'message')), [true]);
  closeTurns(turns);
  t.is(done[0], 1);
  t.false(takeTurn(turns, 2));
});

test('a turn waits for the end of the previous one', async (t) => {
  const [turns, done] = [makeLoadTurns(), counter()];
  const thread = holder({ turns, number: 1, done });
  await comes('a turn', once(thread, 'message'));
  t.true(takeTurn(turns, 2));
  t.is(done[0], 1);
});

test('a thread that waits for a turn gets none after the turns are closed', async (t) => {
  const [turns, done] = [makeLoadTurns(), counter()];
  takeTurn(turns, 1);
  const thread = holder({ turns, number: 2, done });
  await comes('a thread', once(thread, 'online'));
  endTurn(turns, 1);
  closeTurns(turns);
  const [isTaken] = await comes('an answer', once(thread, 'message'));
  // It may have been first: then closing waited for it.
  t.is(done[0], isTaken ? 1 : 0);
});
