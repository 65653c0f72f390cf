// Terminating a thread while it loads koffi aborts the process: koffi fails to throw into an environment that has ended
// (`Error::ThrowAsJavaScriptException`). Once koffi is loaded, a thread can be terminated at any time.
//
// So the threads of a pool load koffi one after the other, and the exit handler of their owner takes the last turn: it waits for
// at most one of them, and no other starts. load-permit.ts covers owners that are terminated and run no exit handler.

/** The turns of a pool's threads, in shared memory: `FREE`, `CLOSED`, or the number of the thread whose turn it is. */
export type LoadTurns = Int32Array;

const FREE = 0;
const CLOSED = -1;

/** Loading takes about 10 ms. After this limit the wait ends, and the termination of the thread may abort the process. */
export const LOAD_LIMIT_MS = 10_000;

/** New turns; no thread has one. */
export const makeLoadTurns = (): LoadTurns => new Int32Array(new SharedArrayBuffer(4));

/** Blocks until the thread `number` (positive) has the turn. `false` if the turns are closed. */
export function takeTurn(turns: LoadTurns, number: number): boolean {
  for (;;) {
    const holder = Atomics.compareExchange(turns, 0, FREE, number);
    if (holder === FREE) return true;
    if (holder === CLOSED) return false;
    Atomics.wait(turns, 0, holder);
  }
}

/** Ends the turn of the thread `number`, if it has the turn. */
export function endTurn(turns: LoadTurns, number: number): void {
  Atomics.compareExchange(turns, 0, number, FREE);
  Atomics.notify(turns, 0);
}

/** Prevents threads from loading koffi. Blocks while one loads it, at most `LOAD_LIMIT_MS`. */
export function closeTurns(turns: LoadTurns): void {
  const deadline = performance.now() + LOAD_LIMIT_MS;
  while (performance.now() < deadline) {
    const holder = Atomics.compareExchange(turns, 0, FREE, CLOSED);
    if (holder === FREE || holder === CLOSED) return;
    Atomics.wait(turns, 0, holder, deadline - performance.now());
  }
}
